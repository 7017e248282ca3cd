"""The rules of a campaign as sentences: what is wrong with an amount, and which amounts would do.

The hold SQL judges on the night; these functions say the same beforehand, as advice with a repair.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# No practice orders this much of anything; a larger number is a slip of the finger and is not even stored.
MOST_DOSES = 100_000


@dataclass(frozen=True)
class Finding:
    """Something a person must know about one part of what they gave.

    `at` names the part, `code` the rule (see docs/spec/live.md), `say` is the sentence for people, and `suggest` holds
    amounts that would do, nearest first below, then above.
    """

    at: str
    code: str
    say: str
    suggest: tuple[int, ...] = ()


@dataclass(frozen=True)
class DoseRule:
    """What may be ordered of one product: in steps, from a minimum, and for this practice up to `cap` in all."""

    product: int
    name: str
    step: int
    minimum: int
    cap: int | None = None

    @property
    def lowest(self) -> int:
        """The smallest amount that is both a step and enough."""
        return -(-max(self.minimum, 1) // self.step) * self.step


class RulesError(Exception):
    """What was asked breaks a rule; nothing was changed. `findings` say what and where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.at}: {finding.say}" for finding in findings))
        self.findings = tuple(findings)


@dataclass
class Findings:
    """Collects findings while a service looks at its input, and refuses at the end if there are any."""

    found: list[Finding] = field(default_factory=list)

    def add(self, at: str, code: str, say: str, *, suggest: Sequence[int] = ()) -> None:
        self.found.append(Finding(at=at, code=code, say=say, suggest=tuple(suggest)))

    def require(self, condition: object, at: str, code: str, say: str) -> None:
        if not condition:
            self.add(at, code, say)

    def refuse(self) -> None:
        if self.found:
            raise RulesError(self.found)


def grouped(number: int) -> str:
    """The number as people read it: 1.284."""
    return number_format(number, force_grouping=True)


def cap_in_doses(*, ordered_last_year: int | None, percent: int | None, step: int) -> int | None:
    """The most a practice may order of a product, in whole steps; None where nothing limits it."""
    if percent is None or not ordered_last_year:
        return None
    return -(-ordered_last_year * percent // (100 * step)) * step


def allowed_near(rule: DoseRule, doses: int) -> tuple[int, ...]:
    """The allowed amounts just below and just above `doses`; one or none where the rules leave no more."""
    below = doses // rule.step * rule.step
    near = [amount for amount in (below, below + rule.step) if amount >= rule.lowest] or [rule.lowest]
    if rule.cap is not None:
        near = [amount for amount in near if amount <= rule.cap] or [rule.cap // rule.step * rule.step]
    return tuple(amount for amount in near if amount >= rule.lowest)


def check_doses(rule: DoseRule, doses: int, *, at: str) -> Finding | None:
    """What is wrong with an amount for one address, if anything. Zero is no line and always allowed."""
    if doses == 0:
        return None
    near = allowed_near(rule, doses)
    if doses < rule.lowest:
        say = _("%(doses)s is te weinig: het minimum is %(minimum)s.")
        words = {"doses": grouped(doses), "minimum": grouped(rule.lowest)}
        return Finding(at=at, code="minimum", say=say % words, suggest=near[:1])
    if doses % rule.step:
        return Finding(at=at, code="step", say=_step_sentence(doses, near, rule.step), suggest=near)
    return None


def _step_sentence(doses: int, near: Sequence[int], step: int) -> str:
    if not near:
        return _("%(doses)s kan niet: bestellen gaat per %(step)s.") % {"doses": grouped(doses), "step": step}
    choice = _(" of ").join(grouped(amount) for amount in near)
    return _("%(doses)s kan niet: kies %(choice)s.") % {"doses": grouped(doses), "choice": choice}


def check_total(rule: DoseRule, amounts: Sequence[tuple[str, int]]) -> Finding | None:
    """What is wrong with all amounts of one product together: the cap. It is said at the largest of them."""
    total = sum(doses for _at, doses in amounts)
    if rule.cap is None or total <= rule.cap:
        return None
    at, largest = max(amounts, key=lambda amount: amount[1])
    room = (largest - (total - rule.cap)) // rule.step * rule.step
    say = _("%(total)s is te veel: het maximum is dit jaar %(cap)s.")
    words = {"total": grouped(total), "cap": grouped(rule.cap)}
    return Finding(at=at, code="cap", say=say % words, suggest=(room,) if room >= rule.lowest else ())


def fit(rule: DoseRule, total: int, *, ordered_last_year: int | None, registered: int) -> str:
    """One sentence on whether an amount looks right for this practice; empty for none, or over the cap."""
    if not total or (rule.cap is not None and total > rule.cap):
        return ""
    if total > registered:
        say = _("Dat is meer dan uw %(registered)s ingeschreven patiënten. Klopt dat?")
        return say % {"registered": grouped(registered)}
    if ordered_last_year and not ordered_last_year / 2 <= total <= ordered_last_year * 2:
        return _("Dat scheelt veel met vorig jaar. Klopt dat?")
    if rule.cap is not None:
        return _("Past bij uw praktijk. Het maximum is %(cap)s.") % {"cap": grouped(rule.cap)}
    return _("Past bij uw praktijk.")
