"""Which of a practice's orders an address is about: `bestelling`, `voorlevering`, `nabestelling-1`."""

from balie.ordering.models import FIRST, PRE_DELIVERY, REORDERS


class InAddress:
    """A path converter of Django."""

    regex = r"bestelling|voorlevering|nabestelling-[1-9][0-9]?"

    def to_python(self, value: str) -> int:
        name, _dash, number = value.partition("-")
        if number:
            return REORDERS + int(number) - 1
        return PRE_DELIVERY if name == "voorlevering" else FIRST

    def to_url(self, value: int) -> str:
        if value < REORDERS:
            return "voorlevering" if value == PRE_DELIVERY else "bestelling"
        return f"nabestelling-{value - REORDERS + 1}"
