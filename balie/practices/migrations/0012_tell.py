from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("practices", "0011_switch_functions"), ("mail", "0002_rounds_and_bounces")]

    operations = [install_sql("practices", "tell_v1", undo="drop procedure practices_admit_telling_v1; drop function practices_tell_v1;")]
