"""Users suggest, staff put together and answer, everybody reads the answer and how many asked."""

import pytest
from django.test import Client

from balie.practices.models import AuditEvent, Suggestion, Topic
from balie.practices.testing import Cast, make_cast

PAGE = "/suggesties/"


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def suggest(person, text: str = "Een knop om te printen."):
    return client_of(person).post(PAGE, {"do": "suggest", "text": text})


def page(person=None) -> str:
    return (client_of(person) if person else Client()).get(PAGE).content.decode()


def test_a_suggestion_is_read_by_staff_and_by_who_made_it_alone(cast):
    suggest(cast.owner)
    assert "Een knop om te printen." in page(cast.owner)
    assert "Een knop om te printen." in page(cast.organiser)
    assert "Een knop om te printen." not in page(cast.colleague)
    assert Suggestion.objects.get().practice == cast.practice


def test_staff_put_together_what_several_ask_and_answer_everybody(cast):
    for person, text in ((cast.owner, "Printen!"), (cast.outsider, "Printknop"), (cast.owner, "Nog eens: printen")):
        suggest(person, text)
    staff = client_of(cast.organiser)
    first, *others = Suggestion.objects.order_by("pk")
    staff.post(PAGE, {"do": "group", "suggestion": first.pk, "topic": "", "title": "Printen"})
    topic = Topic.objects.get()
    for each in others:
        staff.post(PAGE, {"do": "group", "suggestion": each.pk, "topic": topic.pk, "title": ""})
    staff.post(PAGE, {"do": "answer", "topic": topic.pk, "state": "planned", "answer": "In het voorjaar."})
    text = page()
    assert "2 keer gevraagd" in text, "people, not letters"
    assert "In het voorjaar." in text
    assert "Komt eraan" in text
    assert "Printknop" not in text
    acts = AuditEvent.objects.values_list("action", flat=True)
    assert sorted(acts) == ["suggestion.answered", *["suggestion.grouped"] * 3]


def test_others_do_not_put_together_or_answer(cast):
    suggest(cast.owner)
    topic, suggestion = Topic.objects.create(title="Printen"), Suggestion.objects.get()
    for fields in (
        {"do": "group", "suggestion": suggestion.pk, "topic": topic.pk},
        {"do": "answer", "topic": topic.pk, "state": "done", "answer": "Ja"},
    ):
        assert client_of(cast.owner).post(PAGE, fields).status_code == 404
        assert Client().post(PAGE, fields).status_code == 302
    assert (Topic.objects.get().answer, Suggestion.objects.get().topic) == ("", None)


def test_what_is_wrong_is_said_and_what_was_typed_stays(cast):
    answer = suggest(cast.owner, "a" * 1001)
    assert answer.status_code == 422
    assert "a" * 1001 in answer.content.decode()
    for _ in range(5):
        assert suggest(cast.owner).status_code == 302
    assert "Morgen weer" in suggest(cast.owner).content.decode()
    assert suggest(cast.colleague).status_code == 302
    suggestion = Suggestion.objects.first()
    staff = client_of(cast.organiser)
    for topic, title in (("", ""), ("x", ""), ("999", "")):
        status = staff.post(
            PAGE, {"do": "group", "suggestion": suggestion.pk, "topic": topic, "title": title}
        ).status_code
        assert status == (404 if topic else 422)


def test_words_of_users_are_words(cast):
    suggest(cast.owner, "<script>alert(1)</script>")
    assert "<script>alert" not in page(cast.organiser)
