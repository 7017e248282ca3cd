import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consult", "0014_patients")]

    operations = [
        migrations.CreateModel(
            name="Admission",
            fields=[
                ("identity", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="admission", serialize=False, to="consult.identity")),
                ("signed", models.TextField(help_text="the key statement with its signatures so far, as JSON")),
                ("asked_at", models.DateTimeField()),
            ],
            options={"db_table": "consult_admission"},
        ),
    ]
