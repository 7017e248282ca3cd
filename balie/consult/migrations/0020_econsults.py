import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = "drop function calls_econsult_v1, consult_econsult_closed_v1, consult_accepts_v1"


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0019_consultations"),
        ("practices", "0011_switch_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                ("version", models.PositiveSmallIntegerField()),
                ("body", models.TextField(help_text="JSON, as docs/spec/consult/econsults.md has it")),
                ("offered", models.BooleanField(db_default=True, default=True)),
                (
                    "practice",
                    models.ForeignKey(
                        help_text="null: of every practice that offers none of its own",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questionnaires",
                        to="practices.practice",
                    ),
                ),
            ],
            options={
                "db_table": "consult_questionnaire",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "code", "version"), name="consult_questionnaire_once", nulls_distinct=False
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("offered", True)),
                        fields=("practice",),
                        name="consult_questionnaire_offered_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Econsult",
            fields=[
                (
                    "id",
                    models.CharField(
                        help_text="chosen by who asks; the same when asked again",
                        max_length=22,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "urgency",
                    models.PositiveSmallIntegerField(
                        help_text="3 to 5, as the patient's browser told from the answers"
                    ),
                ),
                ("number", models.BigIntegerField(help_text="in the order in which they came to the team")),
                ("arrived_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("picked_up_at", models.DateTimeField(help_text="the first time", null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="econsult", to="consult.group"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        help_text="who has it now",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="econsults_held",
                        to="consult.identity",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="econsults", to="consult.identity"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="econsults", to="practices.practice"
                    ),
                ),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="econsults",
                        to="consult.questionnaire",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="econsults", to="consult.group"
                    ),
                ),
            ],
            options={
                "db_table": "consult_econsult",
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True), ("holder__isnull", True)),
                        fields=["team", "urgency", "number"],
                        name="consult_econsult_queue",
                    ),
                    models.Index(fields=["team", "urgency", "picked_up_at"], name="consult_econsult_waits"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "number"), name="consult_econsult_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("urgency__gte", 3), ("urgency__lte", 5)), name="consult_econsult_can_wait"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("holder__isnull", True), ("picked_up_at__isnull", False), _connector="OR"),
                        name="consult_econsult_held_since",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_at__isnull", True), ("holder__isnull", False), _connector="OR"),
                        name="consult_econsult_closed_by",
                    ),
                ],
            },
        ),
        install_sql("consult", "questionnaire_1", undo="delete from consult_questionnaire"),
        install_sql("consult", "econsults_v1", undo=UNDO),
    ]
