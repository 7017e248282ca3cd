"""People who can log in, as the protocol knows them: their keys, devices and keysets."""

from django.db import models

from balie.consult.lengths import ID, NAME


class Identity(models.Model):
    """What the protocol calls a person who can log in."""

    id = models.CharField(primary_key=True, max_length=ID)
    person = models.OneToOneField("practices.Person", on_delete=models.PROTECT, related_name="identity")
    known = models.TextField(
        default="", help_text="what was accepted of their keys: a protocol.persons.Person, as JSON"
    )
    kem = models.CharField(max_length=NAME, default="", help_text="name of their current KEM key")

    class Meta:
        db_table = "consult_identity"


class Admission(models.Model):
    """A new key that somebody asks colleagues to vouch for, after all else was lost. Kept until they have it."""

    identity = models.OneToOneField(Identity, primary_key=True, on_delete=models.PROTECT, related_name="admission")
    signed = models.TextField(help_text="the key statement with its signatures so far, as JSON")
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "consult_admission"


class Device(models.Model):
    """A browser profile or headless client that signs messages. Once revoked, nothing new is taken from it."""

    id = models.CharField(primary_key=True, max_length=ID)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="devices")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_device"


class Keyset(models.Model):
    """Somebody's keyset in its box, and the key of the box once for each unlock method. Replaced as a whole."""

    identity = models.OneToOneField(Identity, primary_key=True, on_delete=models.PROTECT, related_name="keyset")
    version = models.BigIntegerField()
    keyset = models.TextField()
    wraps = models.TextField(help_text="JSON, as posted")
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "consult_keyset"
