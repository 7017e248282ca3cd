from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = """
drop procedure practices_admit_application_v1();
drop function practices_growing_tables_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("practices", "0021_organiser_roles")]

    operations = [install_sql("practices", "application_v1", undo=UNDO)]
