"""What the watch keeps is in its own database; nobody else opens it, and its own tables are nowhere else."""

from django.apps import apps
from django.db import connections, router

OPS = apps.get_app_config("ops").get_models()


def test_the_ledger_lies_in_its_own_database_and_nothing_else_does():
    for model in apps.get_models():
        ours = model._meta.app_label == "ops"
        assert (router.db_for_write(model) == "ops") == ours, model
        assert router.allow_migrate_model("ops", model) == ours, model
        assert router.allow_migrate_model("default", model) == (not ours), model


def test_migrating_the_product_makes_no_table_of_the_watch(db):
    tables = connections["default"].introspection.table_names()
    assert [name for name in tables if name.startswith("ops_")] == []
    assert "runtime_lease" in tables
