import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger consult_reserve_stays on consult_reserve;
drop trigger consult_reserve_holder_stays on consult_reserve_holder;
drop trigger consult_reserve_copy_stays on consult_reserve_copy;
drop trigger consult_reserve_drill_stays on consult_reserve_drill;
drop function consult_reserves_v1, consult_of_team_v3, consult_reserve_stays_v1, consult_drill_due_v1;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('consult', '0028_telling_and_answering'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reserve',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('set', models.CharField(max_length=22, unique=True)),
                ('kem', models.CharField(help_text='name of its KEM key', max_length=43)),
                ('sign', models.CharField(help_text='its signing key, which vouches for members', max_length=43)),
                ('made_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(help_text='it vouched for somebody since: a new one is due', null=True)),
                ('chased_at', models.DateTimeField(help_text='when somebody was last told that a drill is due', null=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserves', to='consult.group')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserves', to='consult.identity')),
                ('statement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reserve', to='consult.statement')),
            ],
            options={
                'db_table': 'consult_reserve',
            },
        ),
        migrations.CreateModel(
            name='ReserveCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.TextField()),
                ('identity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserve_copies', to='consult.identity')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserve_copies', to='consult.groupkey')),
                ('reserve', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='consult.reserve')),
            ],
            options={
                'db_table': 'consult_reserve_copy',
            },
        ),
        migrations.CreateModel(
            name='ReserveDrill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('passed', models.BooleanField()),
                ('parts', models.CharField(help_text='numbers of the parts it is about, ascending', max_length=8)),
                ('note', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('identity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reserve_drills', to='consult.identity')),
                ('reserve', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drills', to='consult.reserve')),
            ],
            options={
                'db_table': 'consult_reserve_drill',
            },
        ),
        migrations.CreateModel(
            name='ReserveHolder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('role', models.CharField(max_length=80)),
                ('reserve', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holders', to='consult.reserve')),
            ],
            options={
                'db_table': 'consult_reserve_holder',
            },
        ),
        migrations.AddConstraint(
            model_name='reserve',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('group',), name='consult_reserve_once'),
        ),
        migrations.AddConstraint(
            model_name='reservecopy',
            constraint=models.UniqueConstraint(fields=('reserve', 'key'), name='consult_reserve_copy_once'),
        ),
        migrations.AddConstraint(
            model_name='reservedrill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('parts__in', ['12', '13', '23', '123']), ('passed', True)), models.Q(('parts__in', ['1', '2', '3', '12', '13', '23', '123']), ('passed', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='consult_reserve_drill_of_two_or_says_why'),
        ),
        migrations.AddConstraint(
            model_name='reserveholder',
            constraint=models.UniqueConstraint(fields=('reserve', 'number'), name='consult_reserve_holder_once'),
        ),
        migrations.AddConstraint(
            model_name='reserveholder',
            constraint=models.UniqueConstraint(fields=('reserve', 'name'), name='consult_reserve_holders_differ'),
        ),
        migrations.AddConstraint(
            model_name='reserveholder',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 3)), name='consult_reserve_holder_is_one_of_three'),
        ),
        migrations.AddConstraint(
            model_name='reserveholder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('role', ''), _negated=True)), name='consult_reserve_holder_is_called'),
        ),
        install_sql("consult", "reserves_v1", undo=UNDO),
    ]
