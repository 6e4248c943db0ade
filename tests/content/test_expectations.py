"""Laws over every file in expectations/: it parses, names what exists, and covers every table models read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mingjian.content import Content, yamlfile
from mingjian.detect.own import OWN_TABLES
from mingjian.domain.sector import Sector
from mingjian.gate.suite import Check, Suite, arguments

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "expectations").glob("*/*.yaml"))
SECTORS = {path.stem: yamlfile.read(path, Sector) for path in sorted((ROOT / "sectors").glob("*.yaml"))}
CONTENT = Content(root=ROOT, sectors=SECTORS, models={})


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(params=FILES, ids=name_of)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def suite(path: Path) -> Suite:
    return yamlfile.read(path, Suite)


def types(table: str) -> dict[str, str]:
    return {name: column.type for name, column in CONTENT.tables[table].columns.items()}


def test_file_lies_in_its_sector_and_names_its_table(path: Path, suite: Suite) -> None:
    assert suite.table == path.stem
    assert suite.table in SECTORS[path.parent.name].tables


def test_columns_exist_in_the_manifest(suite: Suite) -> None:
    named = {column for check in suite.expectations for column in check.columns}
    assert named <= set(CONTENT.tables[suite.table].columns)


def test_compared_columns_have_one_type(suite: Suite) -> None:
    """Dates and timestamps are compared as numbers of different units."""
    kinds = types(suite.table)
    pairs = [check.columns for check in suite.expectations if len(check.columns) == 2]
    assert all(kinds[a] == kinds[b] for a, b in pairs)


def test_reasons_are_in_both_languages(suite: Suite) -> None:
    assert all(check.why.get("zh") and check.why.get("en") for check in suite.expectations)


def test_great_expectations_accepts_every_expectation(suite: Suite) -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    for check in suite.expectations:
        kwargs = arguments(check, types(suite.table), as_of=date(2026, 1, 1), last_rows=0)
        assert get_expectation_impl(check.expect)(**kwargs)


def test_value_sets_are_the_manifests(suite: Suite) -> None:
    """The suite is the contract that people read; it must not drift from the manifest."""
    for check in value_sets(suite):
        listed = CONTENT.tables[suite.table].columns[check.column or ""].codes
        assert listed is None or check.args["value_set"] == listed


def test_every_listed_value_is_checked(suite: Suite) -> None:
    listed = {name for name, column in CONTENT.tables[suite.table].columns.items() if column.values}
    assert listed <= {check.column for check in value_sets(suite)}


def test_personal_tokens_never_arrive_in_the_clear(suite: Suite) -> None:
    hashes = {name for name in CONTENT.tables[suite.table].columns if name.endswith("_hash")}
    guarded = {check.column for check in suite.expectations if check.short_name == "match_regex"}
    assert hashes <= guarded


def test_every_table_that_a_source_fills_has_a_suite() -> None:
    """The service writes its own tables itself; they never pass the gate."""
    assert set(CONTENT.tables) - {path.stem for path in FILES} == OWN_TABLES


def value_sets(suite: Suite) -> list[Check]:
    return [check for check in suite.expectations if check.short_name == "be_in_set"]
