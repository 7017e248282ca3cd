from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consult", "0022_posts")]

    operations = [
        migrations.AddField(
            model_name="econsult",
            name="reminded_at",
            field=models.DateTimeField(help_text="the team was mailed that its time is over", null=True),
        ),
        migrations.AddIndex(
            model_name="econsult",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("moved_at__isnull", True), ("reminded_at__isnull", True)),
                fields=["due_at"],
                name="consult_econsult_overdue",
            ),
        ),
    ]
