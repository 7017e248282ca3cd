from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
drop procedure practices_admit_watch_v1;
drop function practices_function_closed_v1, practices_switch_tick_v1, practices_switch_by_schedule_v1,
  practices_switch_by_rule_v1, practices_rule_closings_v1, practices_switch_by_hand_v1, practices_switch_settle_v1, practices_switch_lock_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("practices", "0010_switches"), ("mail", "0002_rounds_and_bounces")]

    operations = [install_sql("practices", "switch_v1", undo=UNDO)]
