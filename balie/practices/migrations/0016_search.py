import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger practices_search_removed on practices_location;
drop trigger practices_search_changed on practices_location;
drop trigger practices_search_added on practices_location;
drop trigger practices_search_changed on practices_practice;
drop trigger practices_search_added on practices_practice;
drop function practices_search_location_v1, practices_search_practice_v1, practices_write_search_v1, practices_query_v1,
  practices_mail_word_v1, practices_words_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("practices", "0015_limits")]

    operations = [
        migrations.CreateModel(
            name="PracticeSearch",
            fields=[
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="practices.practice",
                    ),
                ),
                ("document", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={"db_table": "practices_search"},
        ),
        migrations.AddIndex(
            model_name="practicesearch",
            index=django.contrib.postgres.indexes.GinIndex(fields=["document"], name="practices_search_document"),
        ),
        migrations.AddIndex(
            model_name="practice",
            index=models.Index(fields=["name", "id"], name="practices_practice_by_name"),
        ),
        install_sql("practices", "search_v1", undo=UNDO),
    ]
