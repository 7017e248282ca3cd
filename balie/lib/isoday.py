"""A day in an address, as ISO 8601 writes it: `2027-10-04`."""

from datetime import date


class IsoDay:
    """A path converter of Django. A day that does not exist is not found."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()
