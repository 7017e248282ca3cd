"""Probes: each walks a whole path as somebody would who needs it, and tells in plain words what it met.

A kind is a frozen struct whose fields are its parameters in the graph's file, with a `kind` that the file names. `look`
returns evidence, or raises Unwell with it. Anything else that it raises is a defect of the probe, or of how it was set
up, and says nothing about what it looked at. Evidence holds no secrets: it stands on pages and in messages.
"""

from balie.ops.probes.certificate import Certificate
from balie.ops.probes.consult import Canary, Share
from balie.ops.probes.database import Clock, Database, Outbox, Replica, Workers
from balie.ops.probes.disk import Disk
from balie.ops.probes.health import Health
from balie.ops.probes.http import Http
from balie.ops.probes.keylog import KeyLog
from balie.ops.probes.login import LogIn
from balie.ops.probes.looking import Probe, Unwell
from balie.ops.probes.mail import Arrival, Mail
from balie.ops.probes.order import Calendar, Order

_ALL = (
    *(Arrival, Calendar, Canary, Certificate, Clock, Database, Disk, Health, Http),
    *(KeyLog, LogIn, Mail, Order, Outbox, Replica, Share, Workers),
)
KINDS: dict[str, type[Probe]] = {each.kind: each for each in _ALL}

__all__ = ["KINDS", "Probe", "Unwell"]
