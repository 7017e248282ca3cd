from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
drop view judge.changes;
drop view judge.swaps;
create view judge.swaps as
select s.campaign_id as campaign, s.practice_id as practice, s.number, coalesce(t.number, 2147483647) as place, s.id as swap,
       s.state, s.asked_at, s.settled_at, l.day, l.product, l.doses, l.location
  from ordering_swap s
  join ordering_campaign c on c.id = s.campaign_id
  left join waitingroom_ticket t on t.room_id = c.room_id and t.holder = s.practice_id
 cross join lateral unnest(s.line_day, s.line_product, s.line_doses, s.line_location) l(day, product, doses, location);
call judge.admit_v1();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ordering', '0018_pre_alerts'),
    ]

    operations = [
        install_sql("ordering", "judge_changes_v1", undo=UNDO),
    ]
