from django.db import migrations

from balie.lib.sqlfiles import install_sql

UNDO = "drop function consult_store_batch_v1, consult_belongs_v1"
FEED = migrations.RunSQL(sql=["insert into consult_feed (last) values (0)"], reverse_sql=["delete from consult_feed"])


class Migration(migrations.Migration):
    dependencies = [("consult", "0001_tables")]
    operations = [install_sql("consult", "messages_v1", undo=UNDO), FEED]
