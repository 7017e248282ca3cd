from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_relations")]

    operations = [
        migrations.AddField(
            model_name="sealedbsn",
            name="key_id",
            field=models.CharField(
                db_default="", default="", help_text="which key sealed it; empty: before there were several", max_length=8
            ),
        ),
    ]
