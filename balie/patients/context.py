"""What pages may say about whoever looks at them as a patient."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from balie.patients.access import treated_as
from balie.practices.standing import standing_of


def patient(request: HttpRequest) -> dict[str, Any]:
    """`is_patient` in templates: read where it is asked, and only of who works for no practice."""

    def read() -> bool:
        standing = standing_of(request)
        return standing is not None and not standing.memberships and bool(treated_as(standing.person))

    return {"is_patient": SimpleLazyObject(read)}
