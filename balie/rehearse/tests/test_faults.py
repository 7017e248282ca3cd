import pytest

from balie.rehearse.faults import FaultError, parse_fault


@pytest.mark.parametrize(
    ("text", "name", "value", "start_s", "duration_s"),
    [
        ("smtp-slow=30", "smtp-slow", "30", None, None),
        ("smtp-slow", "smtp-slow", "30", None, None),
        ("smtp-slow-rcpt=2.5@20+60", "smtp-slow-rcpt", "2.5", 20, 60),
        ("smtp-silent@10", "smtp-silent", "", 10, None),
        ("sms-silent", "sms-silent", "", None, None),
        ("worker-kill@45+12", "worker-kill", "one", 45, 12),
        ("worker-kill=all@45+12", "worker-kill", "all", 45, 12),
        ("worker-hang=all@5+6", "worker-hang", "all", 5, 6),
        ("db-stop@5+6", "db-stop", "", 5, 6),
        ("smtp-lose", "smtp-lose", "", None, None),
        ("web-kill=streams@90.5+8", "web-kill", "streams", 90.5, 8),
        ("keyserver-down", "keyserver-down", "1", None, None),
        ("keyserver-slow=3@2", "keyserver-slow", "3", 2, None),
        ("route-dead=all@5+10", "route-dead", "all", 5, 10),
        ("disk-full@5+6", "disk-full", "tmpfs", 5, 6),
        ("disk-full=/mnt/small", "disk-full", "/mnt/small", None, None),
        ("watch-kill@5+20", "watch-kill", "", 5, 20),
        ("clock-skew=-3600", "clock-skew", "-3600", None, None),
    ],
)
def test_faults_are_understood(text, name, value, start_s, duration_s):
    fault = parse_fault(text)
    assert (fault.name, fault.value, fault.start_s, fault.duration_s) == (name, value, start_s, duration_s)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "NAME[=VALUE]"),
        ("smtp-slow=30@", "NAME[=VALUE]"),
        ("smtp-slow=30+20", "seconds"),
        ("smtp-slow@-5", "NAME[=VALUE]"),
        ("smtp-slwo=30", "There is no fault 'smtp-slwo'. Known: smtp-slow, "),
        ("smtp-slow=fast", "smtp-slow wants seconds, not 'fast'"),
        ("smtp-slow=0", "above 0"),
        ("smtp-slow=nan", "smtp-slow wants seconds"),
        ("smtp-refuse=3", "smtp-refuse takes no value"),
        ("clock-skew", "clock-skew needs a value: clock-skew=VALUE (seconds, may be negative)"),
        ("db-slow=3", "db-slow takes no value"),
        ("worker-hang=2", "worker-hang does not know '2': one or all"),
        ("web-kill=mail", "web-kill does not know 'mail': live, live-all, streams or pages"),
        ("keyserver-down=4", "keyserver-down does not know '4': 1, 2, 3 or all"),
        ("smtp-silent@10+0", "lasts no time"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(text, says):
    with pytest.raises(FaultError) as refusal:
        parse_fault(text)
    assert says in str(refusal.value)


def test_a_window_counts_from_the_opening_and_without_one_the_fault_lasts_as_long_as_the_load():
    assert parse_fault("smtp-slow=30@20+60").stop_s(200) == 80
    assert parse_fault("smtp-slow=30@20").stop_s(200) == 200
    assert parse_fault("smtp-slow=30").stop_s(200) == 200


def test_faults_speak_dutch_in_the_report():
    assert parse_fault("smtp-slow=2.5").says == "Mailserver 2,5 s traag na de laatste punt"
