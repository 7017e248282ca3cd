import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0006_order_for_me"), ("waitingroom", "0003_rounds")]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ranges.IntegerRangeField(),
                        default=list,
                        help_text="digits of the first location's postcode",
                        size=None,
                    ),
                ),
                (
                    "registered",
                    django.contrib.postgres.fields.ranges.IntegerRangeField(help_text="registered patients", null=True),
                ),
                (
                    "agb_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), default=list, size=None
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="ordering.campaign"
                    ),
                ),
            ],
            options={
                "db_table": "ordering_group",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "position"), name="ordering_group_position_once")
                ],
            },
        ),
        install_sql("ordering", "place_v1", undo="drop function ordering_place_v1"),
    ]
