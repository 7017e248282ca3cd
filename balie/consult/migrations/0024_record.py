import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger consult_keeps_member on consult_member;
drop trigger consult_keeps_team on consult_team_name;
drop trigger consult_message_stays on consult_message;
drop trigger consult_attachment_stays on consult_attachment;
drop trigger consult_group_key_stays on consult_group_key;
drop trigger consult_sealed_copy_stays on consult_sealed_copy;
drop trigger consult_hold_begins on consult_hold;
drop function consult_record_v1, consult_hold_begins_v1, consult_copy_stays_v1, consult_record_stays_v1,
  consult_kept_until_v1, consult_changed_v1, consult_keeps_team_v1, consult_keeps_member_v1, consult_keep_v1;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('consult', '0023_reminders'),
        ('practices', '0014_connections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Retention',
            fields=[
                ('practice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='retention', serialize=False, to='practices.practice')),
                ('years', models.PositiveSmallIntegerField(help_text='from the last change')),
            ],
            options={
                'db_table': 'consult_retention',
                'constraints': [models.CheckConstraint(condition=models.Q(('years__gte', 20), ('years__lte', 115)), name='consult_retention_as_the_law_asks')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('placed_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_why', models.CharField(db_default='', default='', max_length=300)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='consult.group')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conversations_held', to='practices.practice')),
            ],
            options={
                'db_table': 'consult_hold',
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('group', 'practice'), name='consult_hold_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='consult_hold_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True), ('lifted_why', '')), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='consult_hold_lifted_by_somebody_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Keeper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keepers', to='consult.group')),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conversations_kept', to='practices.practice')),
            ],
            options={
                'db_table': 'consult_keeper',
                'constraints': [models.UniqueConstraint(fields=('practice', 'group'), name='consult_keeper_once')],
            },
        ),
        install_sql("consult", "record_v1", undo=UNDO),
    ]
