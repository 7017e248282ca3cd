from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
delete from runtime_clock;
drop function runtime_beat_v1, runtime_fence_holds_v1, runtime_lease_drop_v1, runtime_lease_take_v1,
  runtime_clock_advance_v1, service_still, service_now;
"""


class Migration(migrations.Migration):
    dependencies = [("runtime", "0001_tables")]
    operations = [install_sql("runtime", "clock_v1", undo=UNDO)]
