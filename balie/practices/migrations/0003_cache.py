from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("practices", "0002_audit_is_append_only")]

    operations = [install_sql("practices", "cache_v1", undo="drop table practices_cache;")]
