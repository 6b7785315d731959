"""The dashboard and the alert rules that are shipped ask only for what an engine serves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry

from kana_tui.metrics.counters import IntakeCounters
from kana_tui.metrics.gauges import OverviewGauges
from tests.tui.stage import Stage

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
RULES: Final = (DEPLOY / "alerts.yml").read_text(encoding="utf-8")
DASHBOARD: Final[Any] = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
METRIC: Final = re.compile(r"\bkana_(?!tui\b)\w+")


def served() -> dict[str, frozenset[str]]:
    """The labels of each series that an engine serves, by name."""
    registry = CollectorRegistry()
    IntakeCounters(registry)
    gauges = OverviewGauges(Stage().snapshot, "mx1")
    found = {
        family.name: frozenset(label for sample in family.samples for label in sample.labels)
        for family in gauges.collect()
    }
    counted = {
        "kana_intake_messages_total": ("mailbox", "outcome"),
        "kana_intake_bytes_total": ("mailbox",),
        "kana_login_failures_total": ("mailbox", "stage"),
        "kana_visit_seconds_bucket": ("le",),
    }
    names = set(registry._names_to_collectors)
    assert counted.keys() <= names
    return found | {name: frozenset(labels) for name, labels in counted.items()}


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]
    yield from re.findall(r"^ +expr: (.+)$", RULES, re.MULTILINE)


@pytest.mark.parametrize("expression", list(expressions()))
def test_an_expression_names_only_what_is_served(expression: str) -> None:
    metrics = served()
    names = METRIC.findall(expression)
    assert names or expression.startswith("up{")
    assert set(names) <= metrics.keys()
    for name, matchers in re.findall(r"(kana_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)=", matchers)) <= metrics[name]
    for grouped in re.findall(r"by \(([^)]*)\)", expression):
        labels = {label.strip() for label in grouped.split(",")}
        assert all(labels <= metrics[name] for name in names)


def test_each_metric_is_on_the_dashboard_or_alerts() -> None:
    named = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert served().keys() == named


def test_panels_have_names_and_places_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    for key in ("id", "title"):
        assert len({panel[key] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_each_alert_has_a_name_of_its_own_a_severity_and_a_summary() -> None:
    alerts = RULES.split("- alert: ")[1:]
    assert len({alert.splitlines()[0] for alert in alerts}) == len(alerts)
    for alert in alerts:
        assert re.search(r"severity: (page|ticket)", alert)
        assert "summary: " in alert
