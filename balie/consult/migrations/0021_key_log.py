import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

UNDO = """
drop trigger consult_key_log_numbered on consult_statement;
drop trigger consult_key_log_follows on consult_key_log_entry;
drop trigger consult_key_log_only_grows on consult_key_log_entry;
drop trigger consult_key_log_is_never_emptied on consult_key_log_entry;
drop function consult_key_log_of_v1, consult_key_log_append_v1, consult_key_log_numbered_v1, consult_key_log_follows_v1,
  consult_key_log_only_grows_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("consult", "0020_econsults")]

    operations = [
        migrations.CreateModel(
            name="KeyLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField()),
            ],
            options={"db_table": "consult_key_log"},
        ),
        migrations.CreateModel(
            name="KeyLogEntry",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=43)),
                ("of", models.CharField(db_index=True, max_length=43)),
                (
                    "statement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_log_entry",
                        to="consult.statement",
                    ),
                ),
            ],
            options={"db_table": "consult_key_log_entry"},
        ),
        migrations.CreateModel(
            name="KeyLogCheckpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.CharField(max_length=255)),
                ("size", models.BigIntegerField()),
                ("note", models.TextField(help_text="the checkpoint with its cosignatures, as clients read it")),
                ("cosigned_at", models.DateTimeField()),
            ],
            options={"db_table": "consult_key_log_checkpoint"},
        ),
        migrations.AddConstraint(
            model_name="keylogcheckpoint",
            constraint=models.UniqueConstraint(fields=("origin", "size"), name="consult_key_log_checkpoint_once"),
        ),
        install_sql("consult", "key_log_v1", undo=UNDO),
    ]
