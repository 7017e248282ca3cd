from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_rounds_and_bounces"),
    ]
    operations = [
        migrations.AddField(
            model_name="outboxmail",
            name="trace",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="the request that asked for it, in a trace (a traceparent)",
            ),
        ),
    ]
