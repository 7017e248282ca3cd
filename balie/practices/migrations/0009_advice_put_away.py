from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0008_mobile")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="advice_put_away_at",
            field=models.DateTimeField(help_text="to take a second factor", null=True),
        ),
    ]
