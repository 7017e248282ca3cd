from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0009_missed"), ("mail", "0002_rounds_and_bounces"), ("runtime", "0003_standstills")]
    operations = [
        migrations.AddField(
            model_name="campaign",
            name="is_probe",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="of the watch, which orders in it like a practice; no page shows it",
            ),
        ),
        install_sql("ordering", "watch_v1", undo="drop schema watch cascade"),
    ]
