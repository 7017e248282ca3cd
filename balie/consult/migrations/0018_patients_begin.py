from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop function consult_may_begin_v1, consult_of_team_v2, consult_teams_v2, consult_can_write_v2, consult_for_patient_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("consult", "0017_ended_care")]

    operations = [
        migrations.AddField(
            model_name="teamname",
            name="for_patients",
            field=models.BooleanField(default=False, db_default=False, help_text="patients of the practice may write to it"),
        ),
        migrations.AddConstraint(
            model_name="teamname",
            constraint=models.UniqueConstraint(
                fields=("practice",), condition=models.Q(("for_patients", True)), name="consult_team_for_patients_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="teamname",
            constraint=models.CheckConstraint(
                condition=models.Q(("for_patients", False), ("practice__isnull", False), _connector="OR"),
                name="consult_team_for_patients_of_a_practice",
            ),
        ),
        install_sql("consult", "patients_begin_v1", undo=UNDO),
    ]
