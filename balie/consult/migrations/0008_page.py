from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("consult", "0007_attachments")]
    operations = [
        install_sql("consult", "page_v2", undo="drop function consult_page_v2, consult_meet_v1, consult_since_v1")
    ]
