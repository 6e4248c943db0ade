"""The alert rules speak of metrics that exist, and the operator's page names each of these metrics."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from mingjian.domain.clock import MovableClock
from mingjian.web.metrics import Metrics

METRIC = re.compile(r"\bmingjian_[a-z_]+")
SUFFIXES = ("_total", "_bucket", "_sum", "_count", "_created")


@pytest.fixture
def given(engine: Engine, clock: MovableClock) -> set[str]:
    """Names that /metrics tells, as its HELP and TYPE lines give them."""
    metrics = Metrics(engine, clock)
    metrics.count("GET", "/warnings", 200, 0.1)
    return set(re.findall(r"^# TYPE (mingjian_\w+) ", metrics.page().decode(), re.M))


def bare(name: str) -> str:
    """The family's name of a sample's; a counter's family is told with `_total`."""
    return next((name.removesuffix(s) for s in SUFFIXES[1:] if name.endswith(s)), name)


def rules(repo: Path) -> list[dict]:
    told = yaml.safe_load((repo / "deploy/prometheus/alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def test_every_metric_of_an_alert_exists(repo: Path, given: set[str]) -> None:
    named = {bare(name) for rule in rules(repo) for name in METRIC.findall(rule["expr"])}
    assert len(named) > 8
    assert named - given == set()


def test_every_alert_says_how_urgent_it_is_and_what_it_means(repo: Path) -> None:
    found = rules(repo)
    assert len({rule["alert"] for rule in found}) == len(found)
    assert {rule["labels"]["severity"] for rule in found} == {"page", "morning"}
    assert all(" · " in rule["annotations"]["summary"] for rule in found)


def test_the_operators_page_names_every_metric_and_no_other(repo: Path, given: set[str]) -> None:
    page = (repo / "docs/operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(mingjian_[a-z_]+)`", page))
    assert told == {name for name in given if not name.endswith("_created")}
