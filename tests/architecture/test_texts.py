"""Whatever the screens say in Dutch, they say in English too."""

import pytest
from babel.messages.catalog import Message

from tests.architecture.catalogue import ENGLISH, merged, sentences, translations, wrongs


@pytest.mark.slow
def test_the_catalogue_holds_what_the_sources_say_and_nothing_else():
    said = {message.id for message in sentences() if message.id}
    assert len(said) > 300
    assert {message.id for message in translations() if message.id} == said
    assert ENGLISH.read_text() == merged(), "run scripts/texts"


def test_every_text_has_its_english():
    assert [wrong for message in translations() if message.id for wrong in wrongs(message)] == []


@pytest.mark.parametrize(
    ("dutch", "english"),
    [
        ("Dag", ""),
        ("%(count)s dagen", "days"),
        ("%H.%M uur", "at %H"),
        ("<strong>Dag</strong>", "<strong>Day"),
        (" of ", "or"),
        (("%(count)s dag", "%(count)s dagen"), ("%(count)s day", "days")),
    ],
)
def test_what_is_wrong_is_seen(dutch, english):
    assert len(wrongs(Message(dutch, english))) == 1
