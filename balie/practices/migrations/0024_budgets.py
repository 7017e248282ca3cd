from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = "drop function practices_budget_take_v1;"


class Migration(migrations.Migration):
    dependencies = [("practices", "0023_kind")]

    operations = [install_sql("practices", "budgets_v1", undo=UNDO)]
