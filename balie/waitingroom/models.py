"""Rooms where holders of opaque keys wait for their number. A room knows nothing of campaigns or practices."""

from django.db import models


class Room(models.Model):
    """One waiting room: its doors, its draw, and how fast it calls numbers.

    The row is the lock under which tickets join and the draw freezes the list. `last` and `called` only ever grow.
    """

    doors_at = models.DateTimeField(help_text="from here on one may join")
    draw_at = models.DateTimeField(help_text="the list freezes and is drawn")
    closes_at = models.DateTimeField()

    seed = models.BinaryField(max_length=32, null=True, help_text="secret until the draw")
    sealed_at = models.DateTimeField(null=True)
    seed_hash = models.BinaryField(max_length=32, null=True)
    frozen_at = models.DateTimeField(null=True)
    drawn_count = models.IntegerField(null=True)
    list_hash = models.BinaryField(max_length=32, null=True)
    beacon = models.JSONField(null=True, help_text="source, round and value of the public random number")
    drawn_at = models.DateTimeField(null=True)

    arrivals = models.BigIntegerField(default=0, help_text="tickets so far")
    last = models.IntegerField(default=0, help_text="last number given out")
    called = models.IntegerField(default=0, help_text="numbers up to here may enter")
    pace = models.IntegerField(help_text="numbers called per minute")
    paused = models.BooleanField(default=False)
    message = models.TextField(blank=True, default="")
    message_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waitingroom_room"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(doors_at__lte=models.F("draw_at"), draw_at__lt=models.F("closes_at")),
                name="waitingroom_room_times_in_order",
            ),
            models.CheckConstraint(condition=models.Q(called__gte=0), name="waitingroom_room_called_not_negative"),
            models.CheckConstraint(condition=models.Q(pace__gt=0), name="waitingroom_room_pace_positive"),
        ]


class Ticket(models.Model):
    """The one place of one holder in a room. `number` is null until the draw."""

    id = models.UUIDField(primary_key=True, help_text="made by the database")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="tickets")
    holder = models.BigIntegerField(help_text="opaque to the room")
    arrival = models.BigIntegerField(help_text="order of arrival, given under the room's lock")
    arrived_at = models.DateTimeField()
    number = models.IntegerField(null=True)
    called_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waitingroom_ticket"
        constraints = [
            models.UniqueConstraint(fields=["room", "holder"], name="waitingroom_ticket_one_per_holder"),
            models.UniqueConstraint(fields=["room", "number"], name="waitingroom_ticket_number_once"),
            models.UniqueConstraint(fields=["room", "arrival"], name="waitingroom_ticket_arrival_once"),
            models.CheckConstraint(
                condition=models.Q(number__isnull=True) | models.Q(number__gt=0),
                name="waitingroom_ticket_number_positive",
            ),
        ]
