"""Arrows that import-linter cannot see: foreign keys by name, and what migrations lean on."""

import ast
from pathlib import Path

from django.apps import apps
from django.db import models

from tests.architecture.tree import ROOT, layers, tracked

RANK = {name: rank for rank, layer in enumerate(layers()) for name in layer}


def wrong_way(model: type[models.Model]) -> list[str]:
    """The relations of `model` that point to a higher layer than its own."""
    own = RANK.get(model._meta.app_label)
    found = []
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if own is None or not field.concrete or not isinstance(target, type):
            continue
        theirs = RANK.get(target._meta.app_label)
        if theirs is not None and theirs < own:
            found.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    return found


def test_foreign_keys_follow_the_arrows():
    ours = [model for model in apps.get_models() if model._meta.app_label in RANK]
    assert len(ours) > 10
    assert [wrong for model in ours for wrong in wrong_way(model)] == []


def test_a_foreign_key_that_points_up_is_seen():
    class Looker(models.Model):
        campaign = models.ForeignKey("ordering.Campaign", on_delete=models.CASCADE)

        class Meta:
            app_label = "runtime"

    try:
        assert wrong_way(Looker) == ["runtime.Looker.campaign -> ordering.Campaign"]
    finally:
        del apps.all_models["runtime"]["looker"]
        apps.clear_cache()


def imports_of_ours(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.split(".")[0] == "balie"}


def test_migrations_use_no_application_code():
    """They must run in ten years. Named SQL is fine: its files are never edited once released."""
    migrations = tracked("balie/*/migrations/*.py")
    assert len(migrations) > 5
    wrong = {str(path.relative_to(ROOT)): names for path in migrations if (names := imports_of_ours(path))}
    assert {
        path: names - {"balie.lib.sqlfiles"} for path, names in wrong.items() if names - {"balie.lib.sqlfiles"}
    } == {}


def test_migrations_have_names_in_words():
    assert [path.name for path in tracked("balie/*/migrations/*.py") if "_auto_" in path.name] == []
