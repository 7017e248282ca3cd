from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("ordering", "0011_calls"), ("practices", "0011_switch_functions")]

    operations = [install_sql("ordering", "watch_passes_v1", undo="drop view watch.revoked_passes")]
