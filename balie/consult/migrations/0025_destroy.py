import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger consult_no_file_of_destroyed on consult_attachment;
drop trigger consult_destruction_is_kept on consult_destruction;
drop trigger consult_erasure_is_settled on consult_erasure;
drop trigger consult_erasure_is_kept on consult_erasure;
drop trigger consult_erasure_begins on consult_erasure;
create or replace trigger consult_message_stays before delete on consult_message
  for each row execute function consult_record_stays_v1();
create or replace trigger consult_attachment_stays before delete on consult_attachment
  for each row execute function consult_record_stays_v1();
create or replace trigger consult_group_key_stays before delete on consult_group_key
  for each row execute function consult_record_stays_v1();
create or replace trigger consult_sealed_copy_stays before delete on consult_sealed_copy
  for each row execute function consult_copy_stays_v1();
drop function consult_no_file_of_destroyed_v1, consult_dismiss_v1, consult_destroy_v1, consult_erasure_stays_v1,
  consult_erasure_begins_v1, consult_copy_stays_v2, consult_record_stays_v2, consult_stays_v2, consult_unagreed_v1,
  consult_released_v1;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('consult', '0024_record'),
        ('practices', '0014_connections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateKey',
            fields=[
                ('kid', models.CharField(max_length=43, primary_key=True, serialize=False)),
                ('public', models.CharField(max_length=43)),
                ('since', models.DateTimeField()),
            ],
            options={
                'db_table': 'consult_certificate_key',
            },
        ),
        migrations.CreateModel(
            name='Destruction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('certificate', models.TextField(help_text='a JWS, compact')),
                ('listed', models.TextField(help_text='what was destroyed, by id and hash: the text that the certificate names')),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='destruction', to='consult.group')),
            ],
            options={
                'db_table': 'consult_destruction',
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(choices=[('term', 'Term'), ('patient', 'Patient')], max_length=8)),
                ('received_on', models.DateField(help_text="of a patient's request; else when it was proposed")),
                ('asked_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('outcome', models.CharField(blank=True, choices=[('', 'Open'), ('granted', 'Granted'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], db_default='', default='', max_length=10)),
                ('refused_for', models.CharField(blank=True, choices=[('', 'None'), ('other', 'Other'), ('law', 'Law')], db_default='', default='', max_length=8)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_why', models.CharField(db_default='', default='', max_length=300)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='consult.group')),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='practices.practice')),
            ],
            options={
                'db_table': 'consult_erasure',
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome__in', ['', 'granted'])), fields=('group', 'practice'), name='consult_erasure_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='consult_erasure_has_a_reason'), models.CheckConstraint(condition=models.Q(('ground__in', ['term', 'patient'])), name='consult_erasure_ground'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('outcome', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('outcome', 'granted'), models.Q(('decided_by', models.F('asked_by')), _negated=True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('outcome__in', ['refused', 'withdrawn']), models.Q(('decided_why', ''), _negated=True)), _connector='OR'), name='consult_erasure_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('ground', 'patient'), ('outcome', 'refused'), ('refused_for__in', ['other', 'law'])), models.Q(('refused_for', ''), models.Q(('outcome', 'refused'), _negated=True)), _connector='OR'), name='consult_erasure_refused_as_the_law_says')],
            },
        ),
        migrations.CreateModel(
            name='Witness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('destruction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='witnesses', to='consult.destruction')),
                ('identity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='witnessed', to='consult.identity')),
            ],
            options={
                'db_table': 'consult_witness',
                'constraints': [models.UniqueConstraint(fields=('identity', 'destruction'), name='consult_witness_once')],
            },
        ),
        install_sql("consult", "destroy_v1", undo=UNDO),
    ]
