from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = "drop function practices_limit_count_v1, practices_limit_take_back_v1;"


class Migration(migrations.Migration):
    dependencies = [("practices", "0014_connections")]

    operations = [install_sql("practices", "limits_v1", undo=UNDO)]
