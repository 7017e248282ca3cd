import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = "drop function consult_teams_v1, consult_of_team_v1, consult_can_write_v1"


class Migration(migrations.Migration):
    dependencies = [("consult", "0009_log"), ("practices", "0009_advice_put_away")]

    operations = [
        migrations.CreateModel(
            name="TeamName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("group", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="public_name", to="consult.group")),
                ("practice", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="teams", to="practices.practice")),
            ],
            options={"db_table": "consult_team_name"},
        ),
        install_sql("consult", "teams_v1", undo=UNDO),
    ]
