"""A patient in the demo, and a made-up DigiD that vouches for her. Her BSN is of the range that nobody has."""

import json

from balie.embedded.logins import LOGINS, PASSWORD
from balie.embedded.parts import command
from balie.embedded.supervisor import Part
from balie.patients.inviting import accept_with_password, register_patient
from balie.practices.models import Person, Practice

NAME = "Nadia Peters"
EMAIL = "nadia@voorbeeld.example"
BSN = "999990019"
WHOM = "nadia"  # what one chooses at the broker


def write_patient() -> None:
    """A patient of the first practice, who has accepted."""
    doctor = LOGINS[0]
    patient = register_patient(
        practice=Practice.objects.get(pk=doctor.practices[0]),
        name=NAME,
        birth_date="17-05-1980",
        email=EMAIL,
        bsn=BSN,
        actor=Person.objects.get(email=doctor.email),
    )
    accept_with_password(invitation=patient.invitations.get(), password=PASSWORD)


def broker(port: int) -> Part:
    """It believes whoever says that they are her; only the network's edge is made up."""
    claims = json.dumps({"sub": WHOM, "name": NAME, "bsn": BSN})
    return Part("broker", command("oidc_provider_mock", "--port", port, "--user-claims", claims))
