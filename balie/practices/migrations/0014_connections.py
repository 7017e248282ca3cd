import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("practices", "0013_suggestions")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("gp", "Gp"),
                    ("assistant", "Assistant"),
                    ("manager", "Manager"),
                    ("software", "a program of the practice, which goes by a connection"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="connection",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the code, in hexadecimal", max_length=64, unique=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(help_text="when it last got a pass", null=True)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="connections",
                        to="practices.practice",
                    ),
                ),
            ],
            options={"db_table": "practices_connection"},
        ),
        install_sql("practices", "software_v1", undo="drop function practices_is_software_v1;"),
    ]
