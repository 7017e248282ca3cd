"""Every metric is explained, and every alert asks for metrics and labels that there are."""

import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

import balie.lib.log
import balie.lib.pages
import balie.runtime.metrics

HOME = Path(__file__).resolve().parents[2]
RULES = HOME / "deploy" / "prometheus-rules.yaml"
PAGE = HOME / "docs" / "metrics.md"
EVERYWHERE = {"job", "instance"}  # labels that Prometheus adds
MODULES = (balie.lib.log, balie.lib.pages, balie.runtime.metrics)


def metrics() -> list[MetricWrapperBase]:
    return [each for module in MODULES for each in vars(module).values() if isinstance(each, MetricWrapperBase)]


def series() -> dict[str, set[str]]:
    """What one may ask for by name, with the labels it has."""
    found = {"up": EVERYWHERE}  # from Prometheus itself
    for metric in metrics():
        [family] = metric.describe()
        labels = EVERYWHERE | set(metric._labelnames)
        match family.type:
            case "counter":
                found[f"{family.name}_total"] = labels
            case "histogram":
                found |= {f"{family.name}_{end}": labels for end in ("count", "sum")}
                found[f"{family.name}_bucket"] = labels | {"le"}
            case _:
                found[family.name] = labels
    return found


def complaints(query: str) -> list[str]:
    """What is wrong with it. Raises ValueError where it is no PromQL."""
    known: dict[str, set[str]] = series()
    wrong: list[str] = []

    def see(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            asked = {matcher.name for matcher in node.matchers.matchers}
            unknown = asked - known[node.name] if node.name in known else {node.name}
            wrong.extend(f"{node.name}: {each}" for each in sorted(unknown))

    promql_parser.walk(promql_parser.parse(query), see)
    return wrong


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return group["rules"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is(rule):
    assert complaints(rule["expr"]) == []
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("sum(rate(balie_answers_count[1m])) > 1", ["balie_answers_count: balie_answers_count"]),
        ('balie_mails_total{verdict="accepted"} > 0', ["balie_mails_total: verdict"]),
        ("balie_mails > 0", ["balie_mails: balie_mails"]),
    ],
)
def test_an_alert_that_asks_for_anything_else_is_found(query, wrong):
    assert complaints(query) == wrong


def test_a_query_that_is_none_is_found():
    with pytest.raises(ValueError, match="parenthesis"):
        complaints("sum(rate(balie_mails_total[5m])")


def test_every_metric_is_explained_and_nothing_else():
    explained = re.findall(r"^\| `(balie_\w+)` ", PAGE.read_text(), re.MULTILINE)
    families = [metric.describe()[0] for metric in metrics()]
    names = [f"{each.name}_total" if each.type == "counter" else each.name for each in families]
    assert sorted(explained) == sorted(names)
