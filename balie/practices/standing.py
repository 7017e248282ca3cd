"""Who asks for a page, and for which practice they work now. Read once per request, however often it is asked."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from balie.practices.factors import any_is_kept, confirmed_with
from balie.practices.models import Mandate, Membership, Person, Practice

SESSION_KEY = "practice"
MANDATE_KEY = "mandate"
MANDATE_ROLE = "organiser"


@dataclass(frozen=True)
class Standing:
    """A person who logged in, with every practice they work for; `membership` is the one they work for now.

    With a `mandate` the organiser's staff work for its practice, whatever their memberships.
    `two_factors` is only looked at for staff of the organiser and the distributor, of whom it is demanded.
    """

    person: Person
    memberships: tuple[Membership, ...]
    membership: Membership | None
    two_factors: bool = False
    mandate: Mandate | None = None

    @property
    def practice(self) -> Practice | None:
        if self.mandate:
            return self.mandate.practice
        return self.membership.practice if self.membership else None

    @property
    def organiser(self) -> bool:
        """Whether they may see what is the organiser's in this session: a password alone does not do."""
        return self.person.is_organiser and self.two_factors

    @property
    def decides(self) -> bool:
        """Whether they may change it too."""
        return self.person.decides and self.two_factors

    @property
    def distributor(self) -> bool:
        """As `organiser`, for whoever drives the lorries."""
        return self.person.is_distributor and self.two_factors

    @property
    def role(self) -> str:
        """As the pass names it: the role in the practice, or nothing."""
        if self.mandate:
            return MANDATE_ROLE
        return self.membership.role if self.membership else ""


def standing_of(request: HttpRequest) -> Standing | None:
    """None when nobody is logged in."""
    person = request.user
    if not isinstance(person, Person):
        return None
    factors = confirmed_with(request, person) if person.needs_two_factors else frozenset()
    asked = (person.pk, request.session.get(SESSION_KEY), request.session.get(MANDATE_KEY), factors)
    known = getattr(request, "_standing", None)
    if known is None or known[0] != asked:
        known = (asked, _read(person, *asked[1:]))
        request._standing = known  # type: ignore[attr-defined]  # noqa: SLF001 - our memo on Django's request
    standing: Standing = known[1]
    return standing


def _read(person: Person, chosen: int | None, mandate: int | None, factors: frozenset[int]) -> Standing:
    memberships = tuple(
        Membership.objects.filter(person=person).select_related("practice").order_by("practice__name", "pk")
    )
    own = [each for each in memberships if each.practice_id == chosen] or memberships
    two_factors = any_is_kept(person, factors)
    return Standing(
        person=person,
        memberships=memberships,
        membership=own[0] if len(own) == 1 else None,
        two_factors=two_factors,
        mandate=_read_mandate(person, mandate) if person.decides and two_factors and mandate else None,
    )


def _read_mandate(person: Person, mandate: int) -> Mandate | None:
    own = Mandate.objects.filter(pk=mandate, person=person, ends_at__gt=timezone.now())
    return own.select_related("practice", "person").first()
