"""A GP who asks, the two of a team who may answer, a specialist alone, and somebody of none of it."""

from dataclasses import dataclass
from typing import Any

from balie.consult.consultations.acts import AskBody
from balie.consult.models import Group, Identity
from balie.consult.testing import make_group, make_identity, new_id
from balie.ordering.tests.web import Answer, Browser
from balie.practices.models import Practice
from balie.practices.passes import Pass, make_pass
from balie.practices.testing import make_person, make_practice

ROOT = "/live/consult/"
DAYS = "consultation-3-days"


@dataclass(frozen=True)
class Colleague:
    person: int
    identity: str
    practice: int

    @property
    def member(self) -> str:
        return f"person:{self.identity}"

    @property
    def held(self) -> Pass:
        return Pass(self.person, self.practice, "gp", organiser=False, generation=0, made_at=0, expires_at=0)

    def browser(self, site: Any) -> Browser:
        return Browser(site, make_pass(person=self.person, practice=self.practice, role="gp", organiser=False))


class Clinic:
    """Anna asks in `conversation`, in which the team of Bilal and Chris is, and Dina; Eva is in nothing."""

    def __init__(self) -> None:
        self.asking, self.asked = make_practice("De Linde"), make_practice("Ziekenhuis Zuid")
        self.anna = _colleague("Anna", self.asking)
        self.bilal, self.chris, self.dina = (_colleague(name, self.asked) for name in ("Bilal", "Chris", "Dina"))
        self.eva = _colleague("Eva", self.asking)
        by = {each.identity: Identity.objects.get(pk=each.identity) for each in self.everybody}
        self.team = make_group(Group.Kind.TEAM, by[self.bilal.identity], by[self.chris.identity])
        self.other_team = make_group(Group.Kind.TEAM, by[self.dina.identity])
        members = (by[self.anna.identity], self.team, self.other_team, by[self.dina.identity])
        self.conversation = make_group(Group.Kind.CONVERSATION, *members)

    @property
    def everybody(self) -> list[Colleague]:
        return [self.anna, self.bilal, self.chris, self.dina, self.eva]

    @property
    def of_team(self) -> str:
        return f"team:{self.team.name}"

    def question(self, **other: Any) -> dict[str, Any]:
        said = {"id": new_id(), "conversation": self.conversation.name, "of": self.of_team, "agreement": DAYS}
        return said | other

    def body(self, **other: Any) -> AskBody:
        return AskBody(**self.question(**other))


def _colleague(name: str, practice: Practice) -> Colleague:
    identity = make_identity(make_person(name))
    Identity.objects.filter(pk=identity.pk).update(known="{}")
    return Colleague(identity.person_id, identity.pk, practice.pk)


async def act(browser: Browser, what: str, **body: Any) -> Answer:
    return await browser.post(f"{ROOT}consultation{what}", body)


async def listed(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.get(f"{ROOT}consultations")).json["consultations"]
    return found
