from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger practices_audit_is_never_emptied on practices_audit_event;
drop trigger practices_audit_is_append_only on practices_audit_event;
drop function practices_audit_is_append_only_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("practices", "0001_tables")]

    operations = [install_sql("practices", "audit_is_append_only_v1", undo=UNDO)]
