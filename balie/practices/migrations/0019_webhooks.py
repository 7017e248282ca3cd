import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger practices_tell_webhooks on practices_audit_event;
drop function practices_tell_webhooks_v1();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0018_connection_scopes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.TextField()),
                ('secret', models.TextField()),
                ('old_secret', models.TextField(db_default='', default='')),
                ('old_until', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='practices.practice')),
            ],
            options={
                'db_table': 'practices_webhook',
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.UUIDField(db_default=models.Func(function='gen_random_uuid'), default=uuid.uuid4)),
                ('kind', models.TextField()),
                ('subject', models.TextField(help_text="the order's number")),
                ('at', models.DateTimeField()),
                ('state', models.TextField(choices=[('queued', 'Queued'), ('sent', 'Sent'), ('failed', 'Failed')], db_default='queued')),
                ('attempts', models.IntegerField(db_default=0, help_text='how often it was taken; the fence of one attempt')),
                ('next_attempt_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('taken_until', models.DateTimeField(null=True)),
                ('taken_by', models.TextField(db_default='')),
                ('settled_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(db_default='', help_text='what was last heard, for people')),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='practices.webhook')),
            ],
            options={
                'db_table': 'practices_webhook_delivery',
            },
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('practice', 'url'), name='practices_webhook_once'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['webhook', '-id'], name='practices_webhook_log'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at'], name='practices_webhook_due'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'queued')), models.Q(('settled_at__isnull', False), ('state__in', ['sent', 'failed'])), _connector='OR'), name='practices_webhook_delivery_settled_has_its_time'),
        ),
        install_sql("practices", "webhooks_v1", undo=UNDO),
    ]
