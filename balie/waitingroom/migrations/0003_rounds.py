import django.db.models.deletion
from django.db import migrations, models

# Every room so far had one draw: that becomes its one round.
ONE_ROUND = """
insert into waitingroom_round
  (room_id, position, name, draw_at, seed, sealed_at, seed_hash, frozen_at, first_number, drawn_count, list_hash,
   beacon, drawn_at)
select id, 1, '', draw_at, seed, sealed_at, seed_hash, frozen_at, case when frozen_at is not null then 1 end,
       drawn_count, list_hash, beacon, drawn_at
  from waitingroom_room;
"""
DRAW = ("draw_at", "seed", "sealed_at", "seed_hash", "frozen_at", "drawn_count", "list_hash", "beacon", "drawn_at")


class Migration(migrations.Migration):
    dependencies = [("waitingroom", "0002_room")]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(blank=True, default="", help_text="whose turn it is; empty for everybody", max_length=60)),
                ("draw_at", models.DateTimeField(help_text="the list freezes and is drawn")),
                ("seed", models.BinaryField(help_text="secret until the draw", max_length=32, null=True)),
                ("sealed_at", models.DateTimeField(null=True)),
                ("seed_hash", models.BinaryField(max_length=32, null=True)),
                ("frozen_at", models.DateTimeField(null=True)),
                ("first_number", models.IntegerField(help_text="of its draw; those before it were given out already", null=True)),
                ("drawn_count", models.IntegerField(null=True)),
                ("list_hash", models.BinaryField(max_length=32, null=True)),
                ("beacon", models.JSONField(help_text="source, round and value of the public random number", null=True)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("room", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rounds", to="waitingroom.room")),
            ],
            options={
                "db_table": "waitingroom_round",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=["room", "position"], name="waitingroom_round_position_once"),
                    models.CheckConstraint(condition=models.Q(("position__gt", 0)), name="waitingroom_round_position_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("frozen_at", None),
                            models.Q(("drawn_count__gte", 0), ("first_number__gt", 0), ("list_hash__isnull", False)),
                            _connector="OR",
                        ),
                        name="waitingroom_round_frozen_has_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder", models.BigIntegerField(help_text="opaque to the room")),
                ("round", models.PositiveSmallIntegerField(help_text="its position")),
                ("room", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="placements", to="waitingroom.room")),
            ],
            options={
                "db_table": "waitingroom_placement",
                "constraints": [models.UniqueConstraint(fields=["room", "holder"], name="waitingroom_placement_one_per_holder")],
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="round",
            field=models.PositiveSmallIntegerField(default=1, help_text="the position of its round, decided when it joined"),
        ),
        migrations.RunSQL(sql=[ONE_ROUND], reverse_sql=migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="room", name="waitingroom_room_times_in_order"),
        *(migrations.RemoveField(model_name="room", name=name) for name in DRAW),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("doors_at__lt", models.F("closes_at"))), name="waitingroom_room_times_in_order"
            ),
        ),
    ]
