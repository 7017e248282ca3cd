from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = "drop function consult_people_v1, consult_care_v1, consult_may_add_v1, consult_is_patient_v1"


class Migration(migrations.Migration):
    dependencies = [("consult", "0013_judge_views"), ("patients", "0003_relations")]

    operations = [install_sql("consult", "patients_v1", undo=UNDO)]
