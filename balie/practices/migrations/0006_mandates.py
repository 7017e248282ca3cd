import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0005_imports")]
    operations = [
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(help_text="who phoned, and why")),
                ("began_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ("practice", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="practices.practice")),
            ],
            options={"db_table": "practices_mandate"},
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gte", models.F("began_at"))), name="practices_mandate_ends_after_it_began"
            ),
        ),
    ]
