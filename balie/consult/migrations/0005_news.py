from django.db import migrations

from balie.lib.sqlfiles import install_sql


class Migration(migrations.Migration):
    dependencies = [("consult", "0004_statement_functions")]
    operations = [install_sql("consult", "news_v1", undo="drop function consult_news_v1, consult_audience_v1")]
