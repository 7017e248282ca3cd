"""What a practice keeps and until when, and holding it longer. Each act is one transaction, and logged twice: in the
practice's log of acts with its reason, and for who is in the conversation without.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import Http404
from django.utils.translation import gettext as _

from balie.consult.models import Group, Identity
from balie.consult.record.models import YEARS_LEAST, YEARS_MOST, Destruction, Hold, Keeper, Retention
from balie.practices.models import Person, Practice
from balie.practices.services import clean_reason, record

REASON_MOST = 300
SHOWN_MOST = 100
COLUMNS = (
    "group_id, name, kind, messages, changed_at, due_at, patients, others, held_since, held_why, "
    "held_by, held_elsewhere"
)
FOUND = f"""
select {COLUMNS} from consult_record_v1(%(practice)s) r
 where not exists (select from consult_destruction d where d.group_id = r.group_id)
   and case %(show)s
         when 'due' then due_at <= clock_timestamp() and held_since is null and not held_elsewhere
         when 'one' then name = %(find)s
         when 'held' then held_since is not null or held_elsewhere
         else changed_at is not null
              and (%(find)s = '' or name = %(find)s
                   or exists (select from unnest(patients) p where strpos(lower(p), lower(%(find)s)) > 0))
       end
 order by due_at, group_id limit %(most)s
"""  # noqa: S608 - names of columns alone
BY_YEAR = """
select extract(year from due_at)::int, count(*) from consult_record_v1(%s) r
 where due_at is not null and not exists (select from consult_destruction d where d.group_id = r.group_id)
 group by 1 order by 1
"""
TELL = "select consult_log_v1(%s, array[%s]::bigint[], array[%s]::text[], array[%s]::text[])"


@dataclass(frozen=True)
class Kept:
    """A conversation as the server knows it. `patients` are names of the practice's own, `others` a count; `held_*` are
    of the practice's own hold, `held_elsewhere` says whether another practice has one.
    """

    group_id: int
    name: str
    kind: str
    messages: int
    changed_at: datetime
    due_at: datetime
    patients: list[str]
    others: int
    held_since: datetime | None
    held_why: str
    held_by: str
    held_elsewhere: bool


def read_kept(*, practice: Practice, show: str, find: str = "") -> list[Kept]:
    """At most `SHOWN_MOST`, by when they are due. `show` is "due", "held", "all", by a name, or "one", by its own."""
    asked: dict[str, int | str] = {"practice": practice.pk, "show": show, "find": find.strip(), "most": SHOWN_MOST}
    with connection.cursor() as cursor:
        cursor.execute(FOUND, asked)
        return [Kept(*row) for row in cursor.fetchall()]


def read_kept_one(*, practice: Practice, group: Group) -> Kept:
    """One that this practice keeps."""
    [found] = read_kept(practice=practice, show="one", find=group.name)
    return found


def due_by_year(*, practice: Practice) -> list[tuple[int, int]]:
    """Years in which something is due, and how much."""
    with connection.cursor() as cursor:
        cursor.execute(BY_YEAR, [practice.pk])
        return [(year, count) for year, count in cursor.fetchall()]


def years_of(practice: Practice) -> int:
    """How long this practice keeps conversations."""
    return Retention.objects.filter(practice=practice).values_list("years", flat=True).first() or YEARS_LEAST


@transaction.atomic
def keep_longer(*, practice: Practice, years: str, reason: str, actor: Person) -> int:
    """Set for how many years the practice keeps conversations. Raises ValidationError: never shorter than the law."""
    why = clean_why(reason)
    number = int(years) if years.isascii() and years.isdecimal() and len(years) <= 3 else 0
    if not YEARS_LEAST <= number <= YEARS_MOST:
        asked = {"least": YEARS_LEAST, "most": YEARS_MOST}
        raise ValidationError({"years": _("Kies %(least)d tot en met %(most)d jaar.") % asked})
    Retention.objects.update_or_create(practice=practice, defaults={"years": number})
    subject = f"practice:{practice.pk}"
    record(actor=actor, practice=practice, action="record.years", subject=subject, reason=why, detail={"years": number})
    return number


@transaction.atomic
def hold(*, practice: Practice, name: str, reason: str, actor: Person) -> None:
    """Keep a conversation until this is lifted. Raises Http404, or ValidationError where it is held already."""
    why, group = clean_why(reason), lock_kept(practice, name)
    if Hold.objects.filter(group=group, practice=practice, lifted_at=None).exists():
        raise ValidationError(_("Uw praktijk houdt dit gesprek al vast."), code="twice")
    Hold.objects.create(group=group, practice=practice, placed_by=actor, placed_at=Now(), reason=why)
    tell(group, practice, actor, "record-held", why)


@transaction.atomic
def lift(*, practice: Practice, name: str, reason: str, actor: Person) -> None:
    """End the practice's own hold. Raises Http404, or ValidationError where there is none."""
    why, group = clean_why(reason), lock_kept(practice, name)
    held = Hold.objects.filter(group=group, practice=practice, lifted_at=None)
    if held.update(lifted_by=actor, lifted_at=Now(), lifted_why=why) != 1:
        raise ValidationError(_("Uw praktijk houdt dit gesprek niet meer vast."), code="gone")
    tell(group, practice, actor, "record-released", why)


def clean_why(reason: str) -> str:
    why = clean_reason(reason)
    if len(why) > REASON_MOST:
        raise ValidationError({"reason": _("Houd de reden korter dan %(most)d tekens.") % {"most": REASON_MOST}})
    return why


def lock_kept(practice: Practice, name: str) -> Group:
    """A conversation that this practice keeps; its row is locked until the commit. Raises Http404."""
    kept = Keeper.objects.filter(practice=practice).values("group_id")
    gone = Destruction.objects.values("group_id")
    group = Group.objects.select_for_update(no_key=True).filter(name=name, pk__in=kept).exclude(pk__in=gone).first()
    if group is None:
        raise Http404
    return group


def tell(group: Group, practice: Practice, actor: Person, what: str, reason: str, **detail: str) -> None:
    """In both logs; `detail` stands in both. Who has no keys here is in no chain, so the log of acts has it alone."""
    subject = f"conversation:{group.pk}"
    action = what.replace("-", ".")
    record(actor=actor, practice=practice, action=action, subject=subject, reason=reason, detail=detail)
    who = chained(actor)
    if who is not None:
        with connection.cursor() as cursor:
            cursor.execute(TELL, [who.pk, group.pk, what, json.dumps(detail, separators=(",", ":"))])


def chained(actor: Person) -> Identity | None:
    """By what the logs of conversations call them; None for who has no keys."""
    return Identity.objects.filter(person=actor).exclude(known="").first()
