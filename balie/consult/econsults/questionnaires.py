"""Questionnaires of an organisation: its own versions, which of them patients fill in, and publishing the next."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from balie.consult.econsults.checking import Fault, check_questionnaire
from balie.consult.econsults.triage import Questionnaire as Asked
from balie.consult.models import Questionnaire
from balie.practices.models import Person, Practice
from balie.practices.services import record

BODY_MOST = 100_000  # characters
VERSION_MOST = 32767


@dataclass(frozen=True)
class Own:
    """What one practice has. `offered`: what its patients fill in now, its own or that of all."""

    versions: Sequence[Questionnaire]
    offered: Questionnaire | None

    @property
    def latest(self) -> int:
        return max((each.version for each in self.versions), default=0)


def questionnaires_of(practice: Practice) -> Own:
    """Its own versions, the latest first."""
    versions = list(Questionnaire.objects.filter(practice=practice).order_by("-version", "-pk"))
    offered = next((each for each in versions if each.offered), None)
    return Own(versions, offered or Questionnaire.objects.filter(practice=None, offered=True).first())


def read_body(body: str) -> Asked:
    """Raises ValidationError under `body`, with every fault and its place."""
    if len(body) > BODY_MOST:
        raise ValidationError({"body": _("Deze vragenlijst is te groot.")})
    asked, faults = check_questionnaire(body.encode())
    if asked is None or faults:
        raise ValidationError({"body": [say_fault(each) for each in faults]})
    return asked


def publish(*, practice: Practice, body: str, latest: int, actor: Person) -> Questionnaire:
    """From now on patients fill this in, as the version after `latest`. Raises ValidationError for what does not hold,
    and when somebody published another meanwhile.
    """
    asked = read_body(body)
    with transaction.atomic():
        Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
        own = Questionnaire.objects.filter(practice=practice)
        found = own.aggregate(latest=Max("version"))["latest"] or 0
        if found != latest or found >= VERSION_MOST:
            said = _("Een collega publiceerde intussen versie %(version)s. Kijk die eerst na.") % {"version": found}
            raise ValidationError({"all": said})
        own.filter(offered=True).update(offered=False)
        content = json.loads(body) | {"version": found + 1}
        text = json.dumps(content, ensure_ascii=False, indent=2)
        made = Questionnaire.objects.create(practice=practice, code=asked.code, version=found + 1, body=text)
        detail = {"code": made.code, "version": made.version}
        subject = f"practice:{practice.pk}"
        record(actor=actor, practice=practice, action="questionnaire.published", subject=subject, detail=detail)
    return made


@transaction.atomic
def withdraw(*, practice: Practice, actor: Person) -> None:
    """Patients fill in that of all practices again."""
    if Questionnaire.objects.filter(practice=practice, offered=True).update(offered=False):
        record(actor=actor, practice=practice, action="questionnaire.withdrawn", subject=f"practice:{practice.pk}")


def say_fault(fault: Fault) -> str:
    """For whoever wrote it."""
    said = {
        "json": _("Dit is geen geldige JSON."),
        "form": _("Hier klopt de vorm niet: %(at)s"),
        "twice": _("Deze code staat er twee keer: %(at)s"),
        "language": _("Hier ontbreekt Nederlands (nl) of Engels (en): %(at)s"),
        "within": _("Vul bij within een tijd in voor U3, U4 en U5."),
        "rule": _("Deze regel noemt een vraag of antwoord dat er niet is: %(at)s"),
    }[fault.kind]
    return said % {"at": fault.at}
