"""What may go wrong on purpose: `--fault NAME[=VALUE][@START+DURATION]`, parsed. How each is done: `injection.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

PATTERN = re.compile(r"(?P<name>[a-z-]+)(=(?P<value>[^@]+))?(@(?P<start>\d+(\.\d+)?)(\+(?P<duration>\d+(\.\d+)?))?)?")
SHAPE = "NAME[=VALUE][@START+DURATION]"
ALL_LIVE = "live-all"  # both processes of the hot paths: nothing stands in for them then


class FaultError(ValueError):
    """A fault that cannot be understood; the message says what would do."""


@dataclass(frozen=True)
class Kind:
    """A fault we know. `unit` describes the value; a `default` of None means one must be given, "" that none may."""

    default: str | None
    unit: str
    says: str  # Dutch, for the report; {} is the value


KINDS = {
    "smtp-slow": Kind("30", "seconds", "Mailserver {} s traag na de laatste punt"),
    "smtp-slow-banner": Kind("30", "seconds", "Mailserver {} s traag met groeten"),
    "smtp-slow-ehlo": Kind("30", "seconds", "Mailserver {} s traag bij EHLO"),
    "smtp-slow-mail": Kind("30", "seconds", "Mailserver {} s traag bij de afzender"),
    "smtp-slow-rcpt": Kind("30", "seconds", "Mailserver {} s traag bij elke ontvanger"),
    "smtp-slow-data": Kind("30", "seconds", "Mailserver {} s traag voor de inhoud"),
    "smtp-silent": Kind("", "", "Mailserver zwijgt"),
    "smtp-refuse": Kind("", "", "Mailserver weigert verbindingen"),
    "smtp-drop-after-data": Kind("", "", "Mailserver verbreekt na de laatste punt"),
    "smtp-lose": Kind("", "", "Mailserver neemt mail aan en bezorgt niets"),
    "sms-silent": Kind("", "", "Sms-dienst zwijgt"),
    "sms-refuse": Kind("", "", "Sms-dienst weigert"),
    "worker-kill": Kind("one", "one or all", "Werkproces gedood (kill −9)"),
    "worker-hang": Kind("one", "one or all", "Werkproces staat stil"),
    "db-stop": Kind("", "", "Database staat stil"),
    "db-slow": Kind("", "", "Database antwoordt pas na seconden"),
    "web-kill": Kind("live", "live, live-all, streams or pages", "Webproces gedood (kill −9): {}"),
    "keyserver-down": Kind("1", "1, 2, 3 or all", "Sleutelserver uit (kill −9): {}"),
    "keyserver-slow": Kind("1", "1, 2, 3 or all", "Sleutelserver antwoordt pas na seconden: {}"),
    "route-dead": Kind("1", "1, 2, 3 or all", "Proxy voor sleutelserver dood (kill −9): {}"),
    "disk-full": Kind("tmpfs", "a folder on a small disk", "Schijf van de wacht vol"),
    "watch-kill": Kind("", "", "Wacht gedood (kill −9)"),
    "clock-skew": Kind(None, "seconds, may be negative", "Klok van een web- en een werkproces {} s verkeerd"),
}
EACH_OR_ALL = ("1", "2", "3", "all")
CHOICES = {
    "worker-kill": ("one", "all"),
    "worker-hang": ("one", "all"),
    "web-kill": ("live", ALL_LIVE, "streams", "pages"),
    "keyserver-down": EACH_OR_ALL,
    "keyserver-slow": EACH_OR_ALL,
    "route-dead": EACH_OR_ALL,
}
OUTAGES = {"keyserver-down": "keyserver", "keyserver-slow": "keyserver", "route-dead": "route"}  # which part it strikes


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. `start_s` counts from the opening, in real seconds; without a window it lasts as long as the load."""

    name: str
    value: str
    start_s: float | None
    duration_s: float | None
    text: str

    @property
    def seconds(self) -> float:
        return float(self.value)

    @property
    def windowed(self) -> bool:
        return self.start_s is not None

    @property
    def says(self) -> str:
        """What happens, in Dutch."""
        return KINDS[self.name].says.format(self.value.replace(".", ","))

    def stop_s(self, load_end_s: float) -> float:
        """When it ends, from the opening: at the end of the load unless a duration was given."""
        return load_end_s if self.duration_s is None else (self.start_s or 0.0) + self.duration_s


def parse_fault(text: str) -> Fault:
    """Understand one `--fault`."""
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise FaultError(f"{text!r} is not of the form {SHAPE}, for example smtp-slow=30@20+60.")
    name, value = match["name"], match["value"]
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"There is no fault {name!r}. Known: {', '.join(KINDS)}.")
    if value is not None and kind.default == "":
        raise FaultError(f"{name} takes no value, but {value!r} was given.")
    if value is None and kind.default is None:
        raise FaultError(f"{name} needs a value: {name}=VALUE ({kind.unit}).")
    value = kind.default or "" if value is None else value
    _check_value(name, value, kind)
    if match["duration"] is not None and float(match["duration"]) == 0:
        raise FaultError(f"{text!r} lasts no time at all: give a DURATION above 0.")
    return Fault(
        name=name,
        value=value,
        start_s=None if match["start"] is None else float(match["start"]),
        duration_s=None if match["duration"] is None else float(match["duration"]),
        text=text.strip(),
    )


def _check_value(name: str, value: str, kind: Kind) -> None:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise FaultError(f"{name} does not know {value!r}: {kind.unit}.")
    elif kind.unit.startswith("seconds"):
        try:
            seconds = float(value)
        except ValueError:
            raise FaultError(f"{name} wants {kind.unit}, not {value!r}.") from None
        if not -inf < seconds < inf:
            raise FaultError(f"{name} wants {kind.unit}, not {value!r}.")
        if name.startswith("smtp-") and seconds <= 0:
            raise FaultError(f"{name} wants seconds above 0, not {value!r}.")
