from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO_STATEMENTS = """
drop trigger consult_statement_stays on consult_statement;
drop function consult_lock_v1, consult_team_kem_v1, consult_retire_v1, consult_is_out_v1, consult_number_v1,
  consult_statement_stays_v1
"""
UNDO_FEED = """
drop function consult_mine_v1, consult_page_v1, consult_is_public_v1, consult_history_v1, consult_of_person_v1,
  consult_events_v1
"""


class Migration(migrations.Migration):
    dependencies = [("consult", "0003_statements"), ("practices", "0001_tables")]
    operations = [
        migrations.RunSQL(
            sql=["drop function if exists consult_feed_v1(bigint, bigint, int)"], reverse_sql=migrations.RunSQL.noop
        ),
        install_sql("consult", "statements_v1", undo=UNDO_STATEMENTS),
        install_sql("consult", "feed_v1", undo=UNDO_FEED),
    ]
