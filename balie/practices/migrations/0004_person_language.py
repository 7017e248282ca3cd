from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0003_cache")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", help_text="chosen; empty: never", max_length=2),
        ),
    ]
