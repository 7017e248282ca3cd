from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0002_functions")]
    operations = [
        install_sql("ordering", "clock_catch_up_v1", undo="drop function ordering_clock_catch_up_v1"),
    ]
