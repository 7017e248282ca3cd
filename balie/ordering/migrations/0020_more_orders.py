from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

# A key of several columns cannot be altered by Django.
HOLD_FOR_EACH_SLOT = """
alter table ordering_hold drop constraint ordering_hold_pkey;
alter table ordering_hold add primary key (campaign_id, practice_id, slot);
"""
HOLD_FOR_EACH_PRACTICE = """
alter table ordering_hold drop constraint ordering_hold_pkey;
alter table ordering_hold add primary key (campaign_id, practice_id);
"""
# As they were; a view cannot lose a column.
FEWER_COLUMNS = """
drop view judge.orders, judge.holds, judge.cancelled;
create view judge.orders as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, placed_by_id is null as auto
  from ordering_order;
create view judge.holds as
select h.campaign_id as campaign, h.practice_id as practice, h.hold_key, h.state, h.expires_at,
       l.day, l.product, l.doses, l.location
  from ordering_hold h
  left join lateral unnest(h.line_day, h.line_product, h.line_doses, h.line_location)
    as l(day, product, doses, location) on true;
create view judge.cancelled as
select campaign_id as campaign, practice_id as practice, number, hold_key, placed_at, cancelled_at, granted
  from ordering_cancelled_order;
call judge.admit_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("ordering", "0019_judge_changes")]

    operations = [
        migrations.AddField("hold", "slot", models.SmallIntegerField(db_default=0, default=0)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL([HOLD_FOR_EACH_SLOT], [HOLD_FOR_EACH_PRACTICE])],
            state_operations=[
                migrations.AlterField(
                    "hold",
                    "pk",
                    models.CompositePrimaryKey(
                        "campaign_id",
                        "practice_id",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='ordering_order_once_per_practice',
        ),
        migrations.AddField(
            model_name='campaign',
            name='early_closes_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='early_most',
            field=models.PositiveIntegerField(help_text='of a vaccine in a pre-delivery, at most', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='early_opens_at',
            field=models.DateTimeField(help_text='from then on one orders a pre-delivery; empty: never', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='early_until',
            field=models.DateField(help_text='delivery days up to this one are for pre-deliveries, later ones for all other orders', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='reorders_close_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='reorders_most',
            field=models.PositiveSmallIntegerField(db_default=10, default=10, help_text='so many re-orders a practice, at most'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='reorders_open_at',
            field=models.DateTimeField(help_text='from then on one orders again; empty: never', null=True),
        ),
        migrations.AddField(
            model_name='cancelledorder',
            name='slot',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='slot',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reorders_close_at__isnull', True), ('reorders_open_at__isnull', True)), models.Q(('reorders_close_at__isnull', False), ('reorders_open_at__isnull', False), ('reorders_open_at__lt', models.F('reorders_close_at'))), _connector='OR'), name='ordering_campaign_reorders_open_before_they_close'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('early_closes_at__isnull', True), ('early_opens_at__isnull', True), ('early_until__isnull', True)), models.Q(('early_closes_at__isnull', False), ('early_opens_at__isnull', False), ('early_opens_at__lt', models.F('early_closes_at')), ('early_until__isnull', False)), _connector='OR'), name='ordering_campaign_pre_delivery_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(fields=('campaign', 'practice', 'slot'), name='ordering_order_once_per_slot'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('slot__gte', 0)), name='ordering_order_slot_is_known'),
        ),
        install_sql("ordering", "slots_v1", undo="drop function ordering_slot_refusal_v1, ordering_slot_kind_v1"),
        install_sql("ordering", "judge_slots_v1", undo=FEWER_COLUMNS),
    ]
