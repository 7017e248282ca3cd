from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("practices", "0006_mandates")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="session_generation",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="person",
            name="pass_generation",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        # Passes of before carry no generation, so none of them counts any longer: there is nothing left to revoke.
        migrations.RunSQL("delete from practices_pass_revocation", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="passrevocation",
            name="generation",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="passrevocation", name="revoked_at", field=models.DateTimeField(db_default=Now())
        ),
        migrations.AddConstraint(
            model_name="passrevocation",
            constraint=models.UniqueConstraint(
                fields=["person", "generation"], name="practices_pass_revocation_generation_once"
            ),
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.TextField()),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "granted_by",
                    models.ForeignKey(on_delete=deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "db_table": "practices_waiver",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(reason__regex=r"\S"), name="practices_waiver_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("granted_by")), _negated=True),
                        name="practices_waiver_for_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            expires_at__lte=models.F("granted_at") + timedelta(minutes=15)
                        ),
                        name="practices_waiver_is_short",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires_at")),
                        name="practices_waiver_used_in_time",
                    ),
                ],
            },
        ),
    ]
