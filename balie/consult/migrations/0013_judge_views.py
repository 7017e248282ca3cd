from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("consult", "0012_unread")]

    operations = [install_sql("consult", "judge_views_v1", undo="drop schema consult_judge cascade")]
