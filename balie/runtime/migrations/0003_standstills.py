from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runtime", "0002_clock")]
    operations = [
        migrations.CreateModel(
            name="Standstill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
            ],
            options={"db_table": "runtime_standstill"},
        ),
    ]
