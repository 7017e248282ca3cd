"""What an organisation chooses for its e-consults, and that another agrees to take over. Each act is one transaction
with its line in the log.
"""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.consult.models import PostChoice, TeamName
from balie.practices.models import Person, Practice
from balie.practices.services import record

SAY_MOST = 500
LINK_MOST = 300
ROOM = "{kamer}"


def choices_of(practice: Practice) -> PostChoice:
    """As it chose; nothing, where it chose nothing."""
    chosen = PostChoice.objects.select_related("moves_to").filter(practice=practice).first()
    return chosen or PostChoice(practice=practice)


def askers_of(practice: Practice) -> Sequence[PostChoice]:
    """Those who ask this practice to take over, or asked and got it."""
    return list(PostChoice.objects.select_related("practice").filter(moves_to=practice).order_by("practice__name"))


def choose_closing(*, practice: Practice, moves_to: str, say: str, actor: Person) -> PostChoice:
    """When it closes: `moves_to` is the AGB code of who takes over who waits then, once they agree; empty: patients
    phone. Raises ValidationError by field.
    """
    other, errors = _find(moves_to.strip()), {}
    if moves_to.strip() and other is None:
        errors["moves_to"] = _("Deze AGB-code kennen wij niet, of daar kan geen patiënt schrijven.")
    if other == practice:
        errors["moves_to"] = _("Dat bent u zelf. Kies een andere post.")
    if len(say.strip()) > SAY_MOST:
        errors["say"] = _("Hooguit %(most)s tekens.") % {"most": SAY_MOST}
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        chosen = _locked(practice)
        if chosen.moves_to_id != (other.pk if other else None):
            chosen.moves_to, chosen.agreed_at = other, None
        chosen.say = say.strip()
        _keep(chosen, actor, {"moves_to": other.agb_code if other else None, "say": chosen.say})
    return chosen


def choose_absence(*, practice: Practice, begin: str, end: str, say: str, actor: Person) -> PostChoice:
    """On which days nobody answers, and what patients read then; all empty: never. Raises ValidationError by field."""
    say, typed = say.strip(), any(each.strip() for each in (begin, end, say))
    first, last, errors = _day(begin), _day(end), {}
    if typed and first is None:
        errors["away_from"] = _("Kies de eerste dag.")
    if typed and (last is None or (first is not None and last < first)):
        errors["away_until"] = _("Kies de laatste dag. Die is niet vóór de eerste.")
    if typed and not 0 < len(say) <= SAY_MOST:
        errors["away_say"] = _("Vul in wat patiënten dan lezen, in hooguit %(most)s tekens.") % {"most": SAY_MOST}
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        chosen = _locked(practice)
        chosen.away_from, chosen.away_until, chosen.away_say = first, last, say
        _keep(chosen, actor, {"away_from": begin, "away_until": end, "away_say": say})
    return chosen


def choose_video(*, practice: Practice, link: str, actor: Person) -> PostChoice:
    """Where it calls with video; empty: not. Raises ValidationError for what is no https address."""
    link = link.strip()
    if link and not _is_https(link):
        raise ValidationError({"video_link": _("Vul een adres in dat met https:// begint.")})
    with transaction.atomic():
        chosen = _locked(practice)
        chosen.video_link = link
        _keep(chosen, actor, {"video_link": link})
    return chosen


@transaction.atomic
def answer_asker(*, practice: Practice, asker: str, agrees: bool, actor: Person) -> Practice | None:
    """Take over from the practice with this AGB code, or does not, or no longer. Who asked; None when nobody
    of that code did.
    """
    found = PostChoice.objects.select_for_update().filter(moves_to=practice, practice__agb_code=asker).first()
    if found is None:
        return None
    if agrees and found.agreed_at is None:
        found.agreed_at = timezone.now()
    if not agrees:
        found.moves_to = found.agreed_at = None
    found.save(update_fields=["moves_to", "agreed_at"])
    action = "econsult.takes_over" if agrees else "econsult.takes_over_not"
    record(actor=actor, practice=practice, action=action, subject=f"practice:{found.practice_id}")
    return found.practice


def _locked(practice: Practice) -> PostChoice:
    PostChoice.objects.bulk_create([PostChoice(practice=practice)], ignore_conflicts=True)
    return PostChoice.objects.select_for_update().get(practice=practice)


def _keep(chosen: PostChoice, actor: Person, detail: dict[str, object]) -> None:
    chosen.save()
    subject = f"practice:{chosen.practice_id}"
    record(actor=actor, practice=chosen.practice, action="econsult.chosen", subject=subject, detail=detail)


def _find(agb_code: str) -> Practice | None:
    """A practice whose patients can write to a team."""
    if not agb_code.isdecimal():
        return None
    named = TeamName.objects.filter(for_patients=True, practice__agb_code=agb_code).select_related("practice").first()
    return named.practice if named else None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _is_https(link: str) -> bool:
    try:
        parts = urlsplit(link.replace(ROOM, "kamer"))
        return parts.scheme == "https" and bool(parts.hostname) and len(link) <= LINK_MOST and link.isprintable()
    except ValueError:
        return False
