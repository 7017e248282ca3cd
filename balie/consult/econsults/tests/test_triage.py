"""What is installed holds, and what is no questionnaire sends to the phone. The rest is in the vectors."""

import pytest

from balie.consult.econsults.triage import FAILED, read_questionnaire, triage
from balie.lib.sqlfiles import read_sql

ASKED = read_questionnaire(read_sql("consult", "questionnaire_1").split("$json$")[1].encode())
WELL = {"gevaar": "nee", "hinder": "weinig", "koorts": "nee", "verloop": "gelijk"}


@pytest.mark.parametrize("stored", [None, b"", b"{", b"\xff", b"[]"])
def test_what_is_no_questionnaire_sends_to_the_phone(stored):
    assert triage(read_questionnaire(stored), WELL) == FAILED


@pytest.mark.parametrize(
    ("answers", "urgency"),
    [
        ({"gevaar": "levensgevaar"}, "U0"),
        ({"gevaar": "benauwd"}, "U1"),
        ({"koorts": "hoog-of-jong"}, "U2"),
        ({"hinder": "veel", "verloop": "snel"}, "U2"),
        ({"verloop": "snel"}, "U3"),
        ({"koorts": "ja"}, "U4"),
        ({}, "U5"),
    ],
)
def test_what_is_installed_tells_every_urgency(answers, urgency):
    assert triage(ASKED, WELL | answers).urgency == urgency


def test_a_filled_in_questionnaire_fits_in_a_message():
    """In letters of four bytes, each as long as it may be, it is not above an envelope of 160 KiB."""
    assert ASKED is not None
    letters = sum(4 * (each.most + 400) for each in ASKED.story) + len(ASKED.questions) * 4 * 400
    assert letters * 4 / 3 * 4 / 3 < 160 * 1024
