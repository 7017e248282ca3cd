import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_rounds_and_bounces"),
        ("ordering", "0007_groups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="MailMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                ("outcome", models.TextField(choices=[("called", "Called"), ("solved", "Solved")])),
                ("note", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="mail.outboxmail"
                    ),
                ),
            ],
            options={
                "db_table": "ordering_mail_mark",
                "constraints": [
                    models.UniqueConstraint(fields=("mail", "round"), name="ordering_mail_mark_once_per_round"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["called", "solved"])),
                        name="ordering_mail_mark_outcome_is_known",
                    ),
                ],
            },
        ),
    ]
