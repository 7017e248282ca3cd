from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0016_search")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="is_distributor",
            field=models.BooleanField(db_default=False, default=False, help_text="sees what the lorries bring only"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_distributor", True), ("is_organiser", True), _negated=True),
                name="practices_person_one_office",
            ),
        ),
    ]
