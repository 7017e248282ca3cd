import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger consult_end_care on patients_patient;
drop function consult_end_care_v1, consult_untreated_v1, consult_history_v2, consult_groups_v3, consult_reads_v1, consult_until_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("consult", "0016_closed"), ("patients", "0003_relations")]

    operations = [
        migrations.CreateModel(
            name="Former",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.BigIntegerField(help_text="feed up to which they read")),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="former", to="consult.group")),
                ("identity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="formerly_in", to="consult.identity")),
            ],
            options={"db_table": "consult_former"},
        ),
        migrations.AddConstraint(
            model_name="former",
            constraint=models.UniqueConstraint(fields=("group", "identity"), name="consult_former_once"),
        ),
        install_sql("consult", "ended_care_v1", undo=UNDO),
    ]
