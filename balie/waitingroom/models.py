"""Rooms where holders of opaque keys wait for their number. A room knows nothing of campaigns or practices."""

from datetime import datetime

from django.db import models


class Room(models.Model):
    """One waiting room: its doors, its rounds, and how fast it calls numbers.

    The row is the lock under which tickets join and the draws freeze their lists. `last` and `called` only ever grow.
    """

    doors_at = models.DateTimeField(help_text="from here on one may join")
    closes_at = models.DateTimeField()

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
                condition=models.Q(doors_at__lt=models.F("closes_at")), name="waitingroom_room_times_in_order"
            ),
            models.CheckConstraint(condition=models.Q(called__gte=0), name="waitingroom_room_called_not_negative"),
            models.CheckConstraint(condition=models.Q(pace__gt=0), name="waitingroom_room_pace_positive"),
        ]


class Round(models.Model):
    """One opening of a room, with a draw of its own among those who belong to it and are there. A room has one or more,
    at `position` 1, 2, 3 …, and they open in that order.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="rounds")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60, blank=True, default="", help_text="whose turn it is; empty for everybody")
    draw_at = models.DateTimeField(help_text="the list freezes and is drawn")

    seed = models.BinaryField(max_length=32, null=True, help_text="secret until the draw")
    sealed_at = models.DateTimeField(null=True)
    seed_hash = models.BinaryField(max_length=32, null=True)
    frozen_at = models.DateTimeField(null=True)
    first_number = models.IntegerField(null=True, help_text="of its draw; those before it were given out already")
    drawn_count = models.IntegerField(null=True)
    list_hash = models.BinaryField(max_length=32, null=True)
    beacon = models.JSONField(null=True, help_text="source, round and value of the public random number")
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waitingroom_round"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["room", "position"], name="waitingroom_round_position_once"),
            models.CheckConstraint(condition=models.Q(position__gt=0), name="waitingroom_round_position_positive"),
            models.CheckConstraint(
                condition=models.Q(frozen_at=None)
                | models.Q(first_number__gt=0, drawn_count__gte=0, list_hash__isnull=False),
                name="waitingroom_round_frozen_has_list",
            ),
        ]

    def drew_at(self, number: int) -> datetime | None:
        """When the draw gave this number of its own tickets; None for those that came after its freeze."""
        drawn = self.first_number is not None and number < self.first_number + (self.drawn_count or 0)
        return self.drawn_at if drawn else None


class Placement(models.Model):
    """In which round a holder belongs. Who has none belongs in the last, so a room with one round has no placements."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="placements")
    holder = models.BigIntegerField(help_text="opaque to the room")
    round = models.PositiveSmallIntegerField(help_text="its position")

    class Meta:
        db_table = "waitingroom_placement"
        constraints = [models.UniqueConstraint(fields=["room", "holder"], name="waitingroom_placement_one_per_holder")]


class Ticket(models.Model):
    """The one place of one holder in a room. `number` is null until the draw of its round."""

    id = models.UUIDField(primary_key=True, help_text="made by the database")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="tickets")
    holder = models.BigIntegerField(help_text="opaque to the room")
    round = models.PositiveSmallIntegerField(default=1, help_text="the position of its round, decided when it joined")
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
