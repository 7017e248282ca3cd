"""What the judge makes of what the watch said; and what each fault strikes."""

from datetime import UTC, datetime

import pytest

from balie.rehearse.faults import KINDS, parse_fault
from balie.rehearse.judge.ledger import Told, Turn, Watched, Word
from balie.rehearse.judge.operations import broken_by, score
from balie.rehearse.operations.graph import PATTERN
from balie.rehearse.operations.table import render
from balie.rehearse.operations.truth import may_name, must_name, ways_taken
from balie.rehearse.operations.watching import SECOND

OPENED = 1_000_000.0
IDLE = 30.0


def window(text: str, *, start_s: float = 10, stop_s: float | None = 70) -> dict:
    fault = parse_fault(text)
    names = {
        "expected": ", ".join(sorted(must_name(fault))),
        "may_name": sorted(may_name(fault)),
        "ways": sorted(ways_taken(fault)),
    }
    return {"name": text, "start_s": start_s, "stop_s": stop_s, **names}


def watched(*named: tuple[float, str], closed_at: float | None = None) -> Watched:
    """These parts failed so many seconds after the opening, and were named two seconds later."""
    turns = [Turn(OPENED + at, node, "down", f"{node} does not answer") for at, node in named]
    words = [Word(OPENED + at + 2, "opened", frozenset({node}), "none", "") for at, node in named]
    return Watched(turns, words, [] if closed_at is None else [OPENED + closed_at])


def suffered(
    *nodes: str,
    at: float,
    paged: float | None = None,
    posted: float | None = None,
    closed: float | None = None,
    stopped: str = "",
) -> Watched:
    """These failed, people suffered by it, and this is when they heard; `stopped` is a function."""
    functions = {stopped: "stopped"} if stopped else {}
    word = Word(OPENED + at, "opened", frozenset(nodes), "stopped" if stopped else "degraded", "", functions, "watch 1")
    return Watched(
        [Turn(OPENED + at - 1, node, "down", "no answer") for node in nodes],
        [word],
        [] if closed is None else [OPENED + closed],
        [] if paged is None else [Told(OPENED + paged, frozenset(nodes))],
        [] if posted is None else [Told(OPENED + posted, frozenset(nodes))],
    )


def scored(windows: list[dict], said: Watched, *, cpu_percent: float = IDLE) -> tuple[list[dict], dict]:
    return score(windows, said, opens_at=OPENED, cpu_percent=cpu_percent)


def broken(operations: dict) -> dict:
    return {what: found for what, found in broken_by(operations).items() if found}


def test_what_is_told_of_an_outage_before_a_fault_is_not_about_it():
    """It is over, says the status page, while the next fault of the same part has just begun."""
    [earlier] = suffered("mail", at=5).words
    over = Told(OPENED + 11, frozenset({"mail"}), outage=earlier.outage)
    word = Word(OPENED + 15, "opened", frozenset({"mail"}), "degraded", "", {}, "watch 2")
    said = Watched(
        watched((13, "mail")).turns,
        [earlier, word],
        [],
        [over, Told(OPENED + 17, frozenset({"mail"}), outage="watch 2")],
        [over, Told(OPENED + 18, frozenset({"mail"}), outage="watch 2")],
    )
    [fault], _ = scored([window("smtp-slow=30@10+60")], said)
    assert (fault["paged_s"], fault["posted_s"]) == (7.0, 8.0)


def test_a_fault_that_was_named_in_time():
    [fault], operations = scored([window("smtp-slow=30@10+60")], watched((17, "mail")))
    assert (fault["named"], fault["detected_s"], fault["named_s"]) == (["mail"], 7.0, 9.0)
    assert (operations["late"], operations["wrongly_named"], operations["said"]) == ([], {}, 1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (watched(), "mail was not named, but nothing"),
        (watched((5, "mail")), "mail was not named, but nothing"),  # before it began
        (watched((22, "mail")), "detected_s is 12.0, limit 10"),
        (Watched(watched((17, "mail")).turns, watched((27, "mail")).words), "named_s is 19.0, limit 15"),
    ],
)
def test_a_fault_that_was_named_late_or_not_at_all(said, why):
    assert scored([window("smtp-slow=30@10+60")], said)[1]["late"] == [f"smtp-slow=30@10+60: {why}"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (suffered("mail", at=20, paged=21.5, posted=22), ""),
        (suffered("mail", at=20, posted=22), "paged_s is None, limit 20"),
        (suffered("mail", at=20, paged=31, posted=22), "paged_s is 21.0, limit 20"),
        (suffered("mail", at=20, paged=22), "posted_s is None, limit 60"),
        (suffered("mail", at=20, paged=22, posted=71), "posted_s is 61.0, limit 60"),
        (suffered("mail", at=20, paged=5, posted=71), "paged_s is None, limit 20"),  # that was about something else
    ],
)
def test_of_what_people_suffer_somebody_is_told_and_so_is_everybody(said, why):
    [fault], operations = scored([window("smtp-slow=30@10+60")], said)
    assert operations["late"] == ([f"smtp-slow=30@10+60: {why}"] if why else [])
    if not why:
        assert (fault["paged_s"], fault["posted_s"]) == (11.5, 12.0)


def test_who_was_told_of_an_outage_before_is_not_told_again():
    before = Word(OPENED + 2, "opened", frozenset({"mail"}), "degraded", "", {}, "watch 1")
    said = suffered("mail", at=20)
    assert scored([window("smtp-slow=30@10+60")], said)[1]["late"]
    assert not scored([window("smtp-slow=30@10+60")], said.beside(Watched(words=[before])))[1]["late"]


@pytest.mark.parametrize(("closed", "late"), [(23, False), (27, True), (None, True), (5, True)])
def test_what_a_verdict_stops_is_closed_within_seconds_of_it(closed, late):
    live = window("web-kill=live-all@10+60")
    told = {"at": 21, "paged": 22, "posted": 22, "closed": closed}
    [fault], operations = scored([live], suffered("live-1", "live-2", stopped="conversations", **told))
    assert bool(operations["late"]) is late
    if not late:
        assert fault["closed_s"] == 13.0


def test_ordering_is_closed_by_nothing_and_nor_is_anything_while_nobody_can_tell_the_database():
    told = {"at": 21, "paged": 22, "posted": 22}
    said = suffered("live-1", "live-2", stopped="ordering", **told)
    assert scored([window("web-kill=live-all@10+60")], said)[1]["late"] == []
    said = suffered("database", stopped="conversations", **told)
    assert scored([window("db-stop@10+60")], said)[1]["late"] == []


@pytest.mark.parametrize("about", ["missed:3", "nobody:wacht", "promise:1:late"])
def test_nobody_is_woken_for_nothing_nor_by_the_watchs_own_doing(about):
    night = [window("worker-kill"), window("smtp-refuse@10+60")]
    fine = Watched(pages=[Told(OPENED + 20, frozenset({"mail"})), Told(OPENED, frozenset(), "tickets:7")])
    assert broken(scored(night[1:], fine)[1]).keys() == {"operations.late"}, "of that page nothing"
    hidden = Watched(pages=[Told(OPENED + 20, frozenset({"workers"}))])
    assert broken(scored(night, hidden)[1])["operations.wrongly_told"] == ["workers"], "another takes over"
    own = Watched(pages=[Told(OPENED + 20, frozenset(), about)])
    assert broken(scored(night, own)[1])["operations.wrongly_told"] == [about]
    assert broken(scored([], Watched(pages=[fine.pages[1]]))[1])["operations.wrongly_told"] == ["tickets:7"]


ROUTE = window("route-dead=2", stop_s=100)
TOGETHER = {
    "a server on another way": window("keyserver-down=1@30+20", start_s=30, stop_s=50),
    "all servers": window("keyserver-down=all@30+20", start_s=30, stop_s=50),
}
ALONE = {
    "nothing": [],
    "its own server": [window("keyserver-down=2@30+20", start_s=30, stop_s=50)],
    "something else": [window("smtp-refuse@30+20", start_s=30, stop_s=50)],
}


def woken_by(*others: dict, at: float, node: str = "route-2") -> list[str]:
    page = Told(OPENED + at, frozenset({node}))
    found: list[str] = scored([ROUTE, *others], Watched(pages=[page]))[1]["wrongly_told"]
    return found


@pytest.mark.parametrize("others", TOGETHER.values(), ids=TOGETHER.keys())
def test_what_others_stand_in_for_wakes_somebody_while_they_are_gone_too(others):
    assert woken_by(others, at=40) == []
    assert woken_by(others, at=20) == ["route-2"], "before"
    assert woken_by(others, at=81) == ["route-2"], "long after"
    assert woken_by(others, at=40, node="route-3") == ["route-3"], "nothing struck that"


@pytest.mark.parametrize("others", ALONE.values(), ids=ALONE.keys())
def test_control_what_others_still_stand_in_for_wakes_nobody(others):
    assert woken_by(*others, at=40) == ["route-2"]


def test_on_a_machine_that_is_too_busy_times_are_told_and_not_judged():
    [fault], operations = scored([window("smtp-slow=30@10+60")], watched((30, "mail")), cpu_percent=75)
    assert fault["named_s"] == 22.0
    assert operations["late"]
    assert broken(operations) == {}
    twice = Watched(doubled={"wacht": 1})
    assert broken(scored([], twice, cpu_percent=75)[1]) == {"operations.doubled": {"wacht": 1}}, "no haste excuses that"


def test_naming_what_is_well_is_wrong():
    _, operations = scored([window("smtp-slow=30@10+60")], watched((17, "mail"), (20, "database")))
    assert broken(operations) == {"operations.wrongly_named": {"database": "database does not answer"}}


def test_a_quiet_night_in_which_something_is_said():
    assert scored([], watched((20, "pages")))[1]["wrongly_named"] == {"pages": "pages does not answer"}
    quiet = scored([], watched())[1]
    assert (quiet["said"], quiet["alerts"], broken(quiet)) == (0, 0, {})


def test_two_at_once_are_both_named():
    windows = [window("smtp-refuse@10+60"), window("db-stop@12+60", start_s=12)]
    faults, operations = scored(windows, watched((17, "mail"), (18, "database")))
    assert [fault["named"] for fault in faults] == [["mail"], ["database"]]
    assert operations["late"] == []
    _, operations = scored(windows, watched((17, "mail")))
    assert operations["late"] == ["db-stop@12+60: database was not named, but nothing"]


def test_what_is_said_after_the_next_fault_of_the_same_part_began_is_about_that():
    windows = [
        window("keyserver-down=1@10+20", stop_s=30),
        window("keyserver-down=all@40+20", start_s=40, stop_s=60),
        window("smtp-refuse@40+20", start_s=40, stop_s=60),
    ]
    said = suffered("keyserver-1", "keyserver-2", "keyserver-3", at=42, paged=43, posted=44)
    faults, _ = scored(windows, said)
    assert [fault["paged_s"] for fault in faults] == [None, 3.0, None]
    faults, _ = scored([windows[0], windows[2]], said)
    assert faults[0]["paged_s"] == 33.0, "as long as nothing else explains it"


def test_that_an_outage_is_over_names_nothing():
    over = Word(OPENED + 20, "closed", frozenset({"mail"}), "degraded", "", {}, "watch 1")
    [fault], operations = scored([window("smtp-slow=30@10+60")], Watched(words=[over]))
    assert fault["named"] == []
    assert operations["late"]


def test_of_three_that_are_all_dead_all_are_named():
    two, three = ([(15, f"keyserver-{number}") for number in numbers] for numbers in ((1, 2), (1, 2, 3)))
    [fault], operations = scored([window("keyserver-down=all")], watched(*two))
    assert fault["named_s"] is None
    assert operations["late"]
    [fault], operations = scored([window("keyserver-down=all")], watched(*three))
    assert fault["named_s"] == 7.0
    assert operations["late"] == []


@pytest.mark.parametrize(
    ("text", "expected", "may"),
    [
        ("smtp-silent", {"mail"}, {"mail", "arrival"}),
        ("smtp-slow=30@10+8", set(), {"mail", "arrival"}),
        ("smtp-lose", {"arrival"}, {"arrival"}),
        ("worker-kill", set(), {"workers", "clock"}),
        ("worker-kill=all@10+20", {"workers"}, {"workers", "clock"}),
        ("web-kill@10+20", set(), {"live-1", "live-2"}),
        ("web-kill=live-all@10+20", {"live-1", "live-2"}, {"live-1", "live-2"}),
        ("web-kill=pages@10+20", {"pages"}, {"pages"}),
        ("web-kill=pages", set(), {"pages"}),
        ("keyserver-down=2", set(), {"keyserver-2"}),
        ("route-dead=all", {"route-1", "route-2", "route-3"}, {"route-1", "route-2", "route-3"}),
        ("db-stop@10+20", {"database"}, {"database"}),
        ("db-stop@10+5", set(), {"database"}),
        ("disk-full@10+20", {"disk"}, {"disk", "other-watch"}),
        ("watch-kill@10+20", {"other-watch"}, {"other-watch"}),
        ("watch-kill@10", set(), {"other-watch"}),
        ("clock-skew=5", set(), set()),
    ],
)
def test_what_a_fault_strikes(text, expected, may):
    fault = parse_fault(text)
    assert (must_name(fault), may_name(fault)) == (expected, may)


def test_faults_strike_every_part_that_the_watches_look_at_and_nothing_else(request):
    lines = [line for file in (PATTERN, SECOND) for line in file.read_text().splitlines()]
    nodes = {line[6:-1] for line in lines if line.startswith("[node.")}
    values = {"web-kill": ["live", "live-all", "streams", "pages"], "disk-full": ["tmpfs"]}
    struck = set()
    for name, kind in KINDS.items():
        for value in values.get(name, ["all"] if "all" in kind.unit else [kind.default or ""]):
            text = f"{name}={value}" if value else f"{name}=1" if kind.default is None else name
            struck |= may_name(parse_fault(text))
    assert struck == nodes
    script = (request.config.rootpath / "scripts" / "faults").read_text()
    assert [name for name in KINDS if f"{name}@" not in script and f"{name}=" not in script] == ["disk-full"]
    assert "disk=disk-full" in script


def test_the_page_of_all_faults():
    windows = [window("smtp-slow=30@10+60"), window("worker-kill")]
    faults, operations = scored(windows, watched((17, "mail"), (20, "database")))
    of_mail = {"scenario": "ordering", "faults": faults, "operations": operations}
    quiet = {"faults": [], "operations": scored([], Watched(lasted_s=130))[1]}
    page = render({"mail": of_mail, "quiet": quiet}, day=datetime(2027, 1, 2, tzinfo=UTC), machine="an abacus")
    assert "on 02-01-2027, on an abacus" in page
    assert "| `smtp-slow=30` | `mail` | `mail` | 7.0 | 9.0 |  |  |  |\n| `worker-kill` |  |  |  |  |  |  |  |\n" in page
    assert "Named although well: `database` (database does not answer)" in page
    assert "in 1 rehearsal of 2 minutes" in page
    assert "0 verdicts,\n0 messages" in page
    assert "30 % (mail), 30 % (quiet)" in page
