from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0010_watch"), ("practices", "0011_switch_functions")]

    operations = [install_sql("ordering", "calls_v1", undo="drop function calls_ordering_v1")]
