"""Suggesting, putting together, answering. What staff do is audited."""

from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.practices.models import Person, Practice
from balie.practices.services import record
from balie.practices.suggestions.models import Suggestion, Topic

TEXT_MOST: Final = 1000
ANSWER_MOST: Final = 2000
TITLE_MOST: Final = 120
A_DAY_MOST: Final = 5
UNREAD_MOST: Final = 100


def topics() -> QuerySet[Topic]:
    """All subjects, with how many people asked (`asked`): what most want first."""
    return Topic.objects.annotate(asked=Count("suggestions__person", distinct=True)).order_by("-asked", "title")


def unread() -> list[Suggestion]:
    """What staff have not put anywhere yet, the oldest first."""
    waiting = Suggestion.objects.filter(topic=None).select_related("person", "practice")
    return list(waiting.order_by("at", "pk")[:UNREAD_MOST])


def own(person: Person) -> list[Suggestion]:
    """What this person suggested, the newest first."""
    return list(Suggestion.objects.filter(person=person).select_related("topic").order_by("-at", "-pk")[:UNREAD_MOST])


@transaction.atomic
def suggest(*, person: Person, practice: Practice | None, text: str) -> Suggestion:
    """Raises ValidationError by field."""
    text = text.strip()
    if not text or len(text) > TEXT_MOST or "\0" in text:
        told = _("Schrijf in ten hoogste %(most)s tekens wat beter kan.") % {"most": TEXT_MOST}
        raise ValidationError({"text": ValidationError(told, code="text")})
    Person.objects.select_for_update().get(pk=person.pk)  # two tabs count as one person
    since = timezone.now() - timedelta(days=1)
    if Suggestion.objects.filter(person=person, at__gt=since).count() >= A_DAY_MOST:
        raise ValidationError({"text": ValidationError(_("Vijf op een dag is het meeste. Morgen weer."), code="often")})
    return Suggestion.objects.create(person=person, practice=practice, text=text)


@transaction.atomic
def put_under(*, suggestion: Suggestion, topic: Topic | None, title: str, actor: Person) -> Topic:
    """Under a subject that is there, or under a new one with this title. Raises ValidationError by field."""
    title = title.strip()
    if topic is None:
        if not title or len(title) > TITLE_MOST or "\0" in title:
            raise ValidationError({"title": ValidationError(_("Kies een onderwerp, of geef een nieuw."), code="title")})
        topic, _new = Topic.objects.get_or_create(title=title)
    Suggestion.objects.filter(pk=suggestion.pk).update(topic=topic)
    record(
        actor=actor,
        practice=None,
        action="suggestion.grouped",
        subject=f"suggestion:{suggestion.pk}",
        detail={"topic": topic.pk},
    )
    return topic


@transaction.atomic
def answer(*, topic: Topic, state: str, text: str, actor: Person) -> None:
    """For everybody to read. Raises ValidationError by field."""
    text = text.strip()
    if state not in Topic.State.values or not text or len(text) > ANSWER_MOST or "\0" in text:
        told = _("Schrijf een antwoord van ten hoogste %(most)s tekens.") % {"most": ANSWER_MOST}
        raise ValidationError({"answer": ValidationError(told, code="answer")})
    Topic.objects.filter(pk=topic.pk).update(state=state, answer=text, answered_at=timezone.now())
    record(
        actor=actor,
        practice=None,
        action="suggestion.answered",
        subject=f"topic:{topic.pk}",
        detail={"state": state, "answer": text},
    )
