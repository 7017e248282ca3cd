"""Who is on call in the demo: two who are always so, each by a mail and by a text, both to be seen in the mailbox."""

from pathlib import Path
from urllib.parse import quote

from balie.embedded.smsbox import gateway_url

PEOPLE = {"wacht": ("Wim Wakker", "+31600000001"), "achterwacht": ("Aafke Achter", "+31600000002")}
_TITLES = {"wacht": ("Voorwacht", "First line"), "achterwacht": ("Achterwacht", "Second line")}
_ALWAYS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:balie demo
BEGIN:VEVENT
UID:always-{key}
SUMMARY:{key}
DTSTART;VALUE=DATE:20260101
DTEND;VALUE=DATE:20260102
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
"""


def write_rotas(folder: Path, *, smtp: int, gateway: int, wait_s: int = 120) -> dict[str, str]:
    """Writes the team's file with its calendars, and returns the settings of the watch that go with them. Each has
    `wait_s` to answer before the next is told too.
    """
    folder.mkdir(exist_ok=True)
    settings = {"BALIE_ONCALL": str(folder / "oncall.toml")}
    lines = []
    for key, (name, mobile) in PEOPLE.items():
        nl, en = _TITLES[key]
        variable = f"DEMO_{key.upper()}"
        settings[f"{variable}_MAIL"] = f"mailto://127.0.0.1:{smtp}/{key}@voorbeeld.example?from=balie@voorbeeld.example"
        settings[f"{variable}_TEXT"] = gateway_url(gateway).replace("{to}", quote(mobile))
        lines += [
            f'[person.{key}]\nname = "{name}"',
            f'channels = {{ mail = "{variable}_MAIL", text = "{variable}_TEXT" }}',
            f'[rota.{key}]\ntitle = {{ nl = "{nl}", en = "{en}" }}\ncalendar = "{key}.ics"',
            f'[[level]]\nrota = "{key}"\nwait_s = {wait_s}',
        ]
        (folder / f"{key}.ics").write_text(_ALWAYS.format(key=key), encoding="utf-8")
    (folder / "oncall.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return settings
