"""A practice with a team for its patients, two who answer, somebody of elsewhere, and patients who ask."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from balie.consult.models import Group, GroupKey, Identity, PostChoice, TeamName
from balie.consult.protocol.boxes import lock
from balie.consult.protocol.messages import BOX_TYP
from balie.consult.testing import make_device, make_group, make_identity, new_id
from balie.ordering.tests.web import Answer, Browser
from balie.patients.testing import make_patient
from balie.practices.models import Practice
from balie.practices.passes import Pass, make_pass
from balie.practices.testing import make_membership, make_person, make_practice

ROOT = "/live/consult/"


@dataclass(frozen=True)
class Somebody:
    """`practice` is None for patients."""

    name: str
    person: int
    identity: str
    device: str
    practice: int | None

    @property
    def held(self) -> Pass:
        return Pass(self.person, self.practice, "gp", organiser=False, generation=0, made_at=0, expires_at=0)

    def browser(self, site: Any) -> Browser:
        held = make_pass(person=self.person, practice=self.practice, role="gp", organiser=False)
        return Browser(site, held)


class Post:
    """Emma and Bas answer for De Linde, Olga works elsewhere; Nadia and Piet are its patients, and Rik is not."""

    def __init__(self) -> None:
        self.practice = make_practice("De Linde")
        Practice.objects.filter(pk=self.practice.pk).update(phone="010 123 45 67")
        elsewhere = self.elsewhere = make_practice("De Eik")
        Practice.objects.filter(pk=elsewhere.pk).update(phone="010 765 43 21")
        self.emma, self.bas = (_somebody(name, self.practice) for name in ("Emma", "Bas"))
        self.olga = _somebody("Olga", elsewhere)
        self.nadia, self.piet, self.rik = (_somebody(name, None) for name in ("Nadia", "Piet", "Rik"))
        for each in (self.nadia, self.piet):
            make_patient(self.practice, Identity.objects.get(pk=each.identity).person)
        make_patient(elsewhere, Identity.objects.get(pk=self.rik.identity).person)
        self.team = _team(self.practice, self.emma, self.bas)

    def let_olga_take_over(self, say: str = "") -> Group:
        """De Linde chooses that who waits when it closes goes on at De Eik, which agrees. The team there."""
        chosen = {"moves_to": self.elsewhere, "agreed_at": timezone.now()}
        PostChoice.objects.create(practice=self.practice, say=say, **chosen)
        self.olga_team = _team(self.elsewhere, self.olga)
        return self.olga_team

    def econsult(
        self, patient: Somebody, urgency: str = "U4", *, team: Group | None = None, **other: Any
    ) -> dict[str, Any]:
        """What the patient's browser sends, in a conversation with the team that was begun for it."""
        group = make_group(Group.Kind.CONVERSATION, Identity.objects.get(pk=patient.identity), team or self.team)
        sent = {"id": new_id(), "conversation": group.name, "questionnaire": "algemeen", "version": 1}
        sent |= {"urgency": urgency, "device": patient.device, "message": new_id(), "envelope": envelope(group)}
        return sent | other


def envelope(group: Group) -> str:
    return lock(BOX_TYP, bytes(32), b"sealed", kid=GroupKey.objects.get(group=group).name)


def _team(practice: Practice, *people: Somebody) -> Group:
    team = make_group(Group.Kind.TEAM, *(Identity.objects.get(pk=each.identity) for each in people))
    TeamName.objects.create(group=team, name="Assistentes", practice=practice, for_patients=True)
    return team


def _somebody(name: str, practice: Practice | None) -> Somebody:
    person = make_person(name)
    identity = make_identity(person)
    Identity.objects.filter(pk=identity.pk).update(known="{}")
    if practice:
        make_membership(person, practice)
    return Somebody(name, person.pk, identity.pk, make_device(identity).pk, practice.pk if practice else None)


async def act(browser: Browser, what: str, **body: Any) -> Answer:
    return await browser.post(f"{ROOT}econsult{what}", body)


async def listed(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.get(f"{ROOT}econsults")).json["econsults"]
    return found


async def write(browser: Browser, author: Somebody, sent: dict[str, Any]) -> Answer:
    """One more message in the conversation of an e-consult."""
    said = {name: sent[name] for name in ("conversation", "envelope")}
    return await browser.post(f"{ROOT}messages", said | {"device": author.device, "id": new_id()})
