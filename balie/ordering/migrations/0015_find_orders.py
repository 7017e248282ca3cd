from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ordering", "0014_changed_orders"), ("practices", "0016_search")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["campaign", "id"], name="ordering_order_of_campaign"),
        ),
    ]
