from django.db import migrations

from balie.lib.sqlfiles import install_sql

# Rows that are written several times in a night find room for their next version on the same page.
ROOM_TO_UPDATE = """
alter table ordering_hold set (fillfactor = 50);
alter table ordering_delivery_day set (fillfactor = 50);
alter table ordering_stop set (fillfactor = 70);
"""
USUAL_ROOM = """
alter table ordering_hold reset (fillfactor);
alter table ordering_delivery_day reset (fillfactor);
alter table ordering_stop reset (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0001_tables"),
        ("waitingroom", "0003_rounds"),
        ("practices", "0001_tables"),
        ("mail", "0001_tables"),
        ("runtime", "0002_clock"),
    ]
    operations = [
        migrations.RunSQL(sql=[ROOM_TO_UPDATE], reverse_sql=[USUAL_ROOM]),
        install_sql("ordering", "move_v1", undo="drop function ordering_move_holds_v1, ordering_move_v1"),
        install_sql("ordering", "check_lines_v1", undo="drop function ordering_check_lines_v1, ordering_suggest_v1"),
        install_sql("ordering", "hold_batch_v1", undo="drop function ordering_hold_batch_v1"),
        install_sql("ordering", "confirm_batch_v1", undo="drop function ordering_confirm_batch_v1, ordering_recipients_v1"),
        install_sql("ordering", "give_back_v1", undo="drop function ordering_release_batch_v1, ordering_sweep_v1"),
        install_sql("ordering", "judge_views_v1", undo="drop schema judge cascade"),
    ]
