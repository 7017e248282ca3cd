import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0003_clock_catch_up")]
    operations = [
        migrations.AddField(
            model_name="hold",
            name="blocked",
            field=models.BooleanField(db_default=False, default=False, help_text="the organiser lets it order nothing"),
        ),
        migrations.CreateModel(
            name="HoldLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.TextField(choices=[("hold", "Hold"), ("confirm", "Confirm"), ("release", "Release"), ("lapse", "Lapse"), ("extend", "Extend")])),
                ("at", models.DateTimeField(help_text="wall time at which the batch was settled")),
                ("service_at", models.DateTimeField(help_text="the service clock at that moment")),
                ("practices", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), help_text="hold, confirm: what was asked for", null=True, size=None)),
                ("actors", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), help_text="hold, confirm: who asked", null=True, size=None)),
                ("elapsed_ms", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), help_text="hold, confirm: since the request reached us", null=True, size=None)),
                ("outcomes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text="hold, confirm: as in docs/spec/live.md", null=True, size=None)),
                ("ends", django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(null=True), help_text="of the windows, by the service clock", null=True, size=None)),
                ("details", django.contrib.postgres.fields.ArrayField(base_field=models.JSONField(null=True), help_text="hold: the days that are held or were full, or what was wrong", null=True, size=None)),
                ("campaign", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to="ordering.campaign")),
            ],
            options={"db_table": "ordering_hold_log"},
        ),
        install_sql("ordering", "hold_acts_v1", undo="drop function ordering_block_v1, ordering_extend_holds_v1"),
    ]
