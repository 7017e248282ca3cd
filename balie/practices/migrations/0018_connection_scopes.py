import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0017_distributor")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(
                    choices=[
                        ("consult", "a pass for conversations, as the connector has it"),
                        ("read", "the practice, campaigns, what is put ready and ordered, and how full days are"),
                        ("prepare", "put an order ready"),
                        ("order", "join the queue, hold and confirm"),
                        ("change", "cancel what was ordered"),
                    ]
                ),
                db_default=["consult"],
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__len__gt", 0)), name="practices_connection_may_something"
            ),
        ),
    ]
