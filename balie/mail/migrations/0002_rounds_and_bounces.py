import django.db.models.functions.datetime
from django.db import migrations, models

# What had failed or bounced before we kept the time gets the best one we have.
WHEN_WE_LEARNT = """
update mail_outbox set undelivered_at = coalesce(sent_at, next_attempt_at) where state in ('failed', 'bounced')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0001_tables"),
    ]
    operations = [
        migrations.AddField(
            model_name="outboxmail",
            name="round",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="how often somebody asked for it; a bounce counts for its own round only",
            ),
        ),
        migrations.AddField(
            model_name="outboxmail",
            name="requested_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), help_text="when this round was asked for"
            ),
        ),
        migrations.AddField(
            model_name="outboxmail",
            name="undelivered_at",
            field=models.DateTimeField(help_text="when we learnt that it will not arrive", null=True),
        ),
        migrations.RunSQL(sql=[WHEN_WE_LEARNT], reverse_sql=migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="outboxmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["failed", "bounced"]), ("undelivered_at__isnull", False)),
                    models.Q(("state__in", ["queued", "sent"]), ("undelivered_at__isnull", True)),
                    _connector="OR",
                ),
                name="mail_outbox_undelivered_has_its_time",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmail",
            index=models.Index(
                condition=models.Q(("undelivered_at__isnull", False)),
                fields=["undelivered_at"],
                name="mail_outbox_undelivered",
            ),
        ),
    ]
