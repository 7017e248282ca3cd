import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("consult", "0005_news")]
    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivered", models.BigIntegerField()),
                ("read", models.BigIntegerField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="consult.group"
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="consult.identity"
                    ),
                ),
            ],
            options={
                "db_table": "consult_reading",
                "constraints": [models.UniqueConstraint(fields=("group", "identity"), name="consult_reading_once")],
            },
        ),
        migrations.RunSQL(
            sql=["drop function if exists consult_groups_v1(bigint)"], reverse_sql=migrations.RunSQL.noop
        ),
        install_sql("consult", "reads_v1", undo="drop function consult_readings_v1, consult_groups_v2"),
    ]
