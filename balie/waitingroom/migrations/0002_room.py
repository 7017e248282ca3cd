from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
drop function waitingroom_call_v1, waitingroom_draw_v1, waitingroom_freeze_v1, waitingroom_join_batch_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("waitingroom", "0001_tables"), ("runtime", "0002_clock")]
    operations = [install_sql("waitingroom", "room_v1", undo=UNDO)]
