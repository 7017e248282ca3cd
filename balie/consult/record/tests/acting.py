"""Saying something long ago, and acting on the page of what is kept."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from balie.consult.models import Group, Message
from balie.consult.testing import make_device, new_id
from balie.practices.testing import logged_in

YEAR = timedelta(days=365.25)


def say(group: Group, ago: timedelta) -> Message:
    """Something was said, this long ago."""
    device = group.members.exclude(identity=None).first().identity.devices.first()
    device = device or make_device(group.members.exclude(identity=None).first().identity)
    group.last += 1
    group.save()
    said = {"id": new_id(), "device": device, "envelope": "x", "received_at": timezone.now() - ago}
    return Message.objects.create(feed=Message.objects.count() + 1, group=group, place=group.last, **said)


def act(person, **fields: str):
    return logged_in(person).post(reverse("record"), fields)
