from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger practices_audit_origin on practices_audit_event;
drop function practices_audit_origin_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("practices", "0019_webhooks")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="origin",
            field=models.TextField(
                db_default="", default="", help_text="the address it was asked from; empty where nobody asked"
            ),
        ),
        install_sql("practices", "audit_origin_v1", undo=UNDO),
    ]
