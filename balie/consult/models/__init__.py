"""What the server keeps of conversations: statements, who belongs to them, and messages that it cannot read.

Groups, people, devices and keys are called here as the protocol calls them (docs/spec/consult). The server believes no
list: its rows follow from signed statements, and clients come to their own conclusions from the same statements.
"""

from balie.consult.consultations.models import Agreement, Consultation
from balie.consult.econsults.models import Econsult, PostChoice, Questionnaire
from balie.consult.keylog.models import KeyLog, KeyLogCheckpoint, KeyLogEntry
from balie.consult.models.groups import Feed, Former, Group, GroupKey, Member, SealedCopy, Statement, TeamName
from balie.consult.models.logs import LogBook, LogEntry
from balie.consult.models.messages import Attachment, Mark, Message, Reading, UnreadCursor, UnreadMail
from balie.consult.models.people import Admission, Device, Identity, Keyset
from balie.consult.record.models import CertificateKey, Destruction, Erasure, Hold, Keeper, Retention, Witness
from balie.consult.reserves.models import Reserve, ReserveCopy, ReserveDrill, ReserveHolder

__all__ = [
    "Admission",
    "Agreement",
    "Attachment",
    "CertificateKey",
    "Consultation",
    "Destruction",
    "Device",
    "Econsult",
    "Erasure",
    "Feed",
    "Former",
    "Group",
    "GroupKey",
    "Hold",
    "Identity",
    "Keeper",
    "KeyLog",
    "KeyLogCheckpoint",
    "KeyLogEntry",
    "Keyset",
    "LogBook",
    "LogEntry",
    "Mark",
    "Member",
    "Message",
    "PostChoice",
    "Questionnaire",
    "Reading",
    "Reserve",
    "ReserveCopy",
    "ReserveDrill",
    "ReserveHolder",
    "Retention",
    "SealedCopy",
    "Statement",
    "TeamName",
    "UnreadCursor",
    "UnreadMail",
    "Witness",
]
