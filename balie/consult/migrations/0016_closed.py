from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("consult", "0015_admission"), ("practices", "0011_switch_functions")]

    operations = [install_sql("consult", "closed_v1", undo="drop function consult_closed_for_v1, calls_conversations_v1")]
