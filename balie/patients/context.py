"""What pages may say about whoever looks at them as a patient."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from balie.patients.access import has_been_patient
from balie.practices.standing import standing_of


def is_patient(request: HttpRequest) -> bool:
    """Whether somebody is here as a patient, or a former one, and nothing else."""
    standing = standing_of(request)
    return standing is not None and not standing.memberships and has_been_patient(standing.person)


def patient(request: HttpRequest) -> dict[str, Any]:
    """`is_patient` in templates, read where it is asked; and `digid`, whether one can log in by a broker."""
    return {"is_patient": SimpleLazyObject(lambda: is_patient(request)), "digid": bool(settings.OIDC_URL)}
