from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever was staff may do what staff could until now: everything."""

    dependencies = [("practices", "0020_audit_origin")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="organiser_role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("admin", "also changes rules, and who has which role"),
                    ("staff", "runs the night, decides, and acts for practices"),
                    ("auditor", "reads, and changes nothing"),
                ],
                db_default="",
                default="",
                help_text="empty: reads",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("organiser_role", ""),
                    models.Q(("is_organiser", True), ("organiser_role__in", ["admin", "staff", "auditor"])),
                    _connector="OR",
                ),
                name="practices_person_role_at_the_organiser",
            ),
        ),
        migrations.RunSQL(
            "update practices_person set organiser_role = 'admin' where is_organiser", migrations.RunSQL.noop
        ),
    ]
