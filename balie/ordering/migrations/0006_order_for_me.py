import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("ordering", "0005_trial"),
    ]
    operations = [
        migrations.AddField(
            model_name="preparedorder",
            name="auto",
            field=models.TextField(
                choices=[("off", "Off"), ("one_day", "One Day"), ("parts", "Parts")], db_default="off", default="off"
            ),
        ),
        migrations.AddField(
            model_name="preparedorder",
            name="auto_set_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="preparedorder",
            name="auto_set_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="preparedorder",
            name="failed_at",
            field=models.DateTimeField(help_text="when Balie first tried to place it and could not", null=True),
        ),
        migrations.AddField(
            model_name="preparedorder",
            name="failure",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="why not: the outcome of the hold SQL"
            ),
        ),
        migrations.AddIndex(
            model_name="preparedorder",
            index=models.Index(
                condition=models.Q(("auto__in", ["one_day", "parts"])),
                fields=["campaign", "practice"],
                name="ordering_prepared_order_auto",
            ),
        ),
        migrations.AddConstraint(
            model_name="preparedorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("auto", "off"),
                    models.Q(("auto__in", ["one_day", "parts"]), ("auto_set_at__isnull", False)),
                    _connector="OR",
                ),
                name="ordering_prepared_order_auto_is_known",
            ),
        ),
        install_sql(
            "ordering",
            "place_prepared_v1",
            undo="drop function ordering_place_prepared_v1, ordering_choose_days_v1",
        ),
        install_sql(
            "ordering",
            "judge_prepared_v1",
            undo="drop view judge.prepared, judge.prepared_lines, judge.wishes",
        ),
    ]
