"""The detect stage on the tiny city: each failure is one model's own, and says where in its file it comes from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Row, delete, select

from mingjian import flow
from mingjian.detect import detect_group, duck, narrow, stage
from mingjian.detect import engine as limits
from mingjian.domain.finding import Finding
from mingjian.replay import replay
from mingjian.run import Run
from mingjian.store import overrides
from mingjian.store.tables import finding, model_run
from tests.flow.conftest import AS_OF, TinyCity

GOOD = "subsidy.deceased_payee"
QUERY_LINE = 24  # of MODEL: the line below `query: |`

MODEL = """id: subsidy.NAME
version: 1
status: live
name: {zh: 试验, en: trial}
description: {zh: 试验, en: trial}
kind: row
phase: P1
basis: [{code: B01, state: V}]
owner: civil_affairs
subject: {kind: person, column: person_id}
period: first_month
inputs:
  payout: [payout_id, person_id, region_code, month, amount]
EXTRA
params:
  least: {value: 1, unit: 元, zh: 至少, en: at least}
explanation: {zh: 到账, en: paid}
evidence: [{table: payout, where: t.person_id = f.person_id, columns: [amount]}]
exclusions: []
runbook: {zh: 1. 看。2. 问。, en: 1. Look. 2. Ask.}
tests: []
level: [{level: 低, when: amount >= :least}]
query: |
QUERY
"""
PLAIN = """SELECT person_id, CAST(MIN(month) AS STRING) AS first_month, MAX(region_code) AS region_code,
SUM(amount) AS amount
FROM payout GROUP BY person_id"""


def model(name: str, query: str, extra: str = "", old: str = "", new: str = "") -> str:
    """A rule file; EXTRA takes one line of header, so that the query always starts on the same line."""
    text = (
        MODEL.replace("NAME", name).replace("EXTRA", extra or "kind_note: x").replace("kind_note: x\n", "\n")
    )
    return text.replace("QUERY", "\n".join("  " + line for line in query.splitlines())).replace(
        old or "\0", new
    )


BAD = {
    "syntax": (model("syntax", PLAIN.replace("FROM", "FRM", 1)), QUERY_LINE + 2, "syntax error"),
    "column": (model("column", PLAIN.replace("amount) AS", "amout) AS")), QUERY_LINE + 1, "amout"),
    "level": (model("level", PLAIN, old=":least}]", new=":least AND no_such > 1}]"), 22, "no_such"),
    "evidence": (model("evidence", PLAIN, old="f.person_id, col", new="f.no_such, col"), 18, "no_such"),
    "zero": (model("zero", PLAIN.replace("SUM(amount)", "SUM(amount) / SUM(0)")), QUERY_LINE - 1, "by zero"),
    "infinite": (
        model("infinite", PLAIN.replace("SUM(amount)", "SUM(amount) * CAST('inf' AS DOUBLE)")),
        QUERY_LINE - 1,
        "amount",
    ),
    "period": (model("period", PLAIN, old="period: first_month", new="period: no_month"), 11, "no_month"),
    "param": (model("param", PLAIN, old=":least}]", new=":most}]"), 22, ":most"),
    "twins": (model("twins", PLAIN.replace("person_id,", "'x' AS person_id,", 1)), QUERY_LINE - 1, "两行"),
    "endless": (
        model("endless", PLAIN.replace("FROM payout", "FROM payout, range(9999999) a, range(9999999) b")),
        QUERY_LINE - 1,
        "时限",
    ),
    "greedy": (
        model("greedy", PLAIN.replace("SUM(amount)", "(SELECT LENGTH(CAST(list(range) AS STRING)) FROM range(30000000))")),
        QUERY_LINE - 1,
        "内存上限",
    ),
    "detector": (
        model("detector", PLAIN, old="query: |", new="detector: {name: ECOD, columns: [no_such]}\nfeatures: |"),
        QUERY_LINE - 1,
        "no_such",
    ),
}  # fmt: skip


@pytest.fixture
def content(city: TinyCity, repo_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Content of our own: the sectors and one good rule."""
    root = tmp_path / "content"
    shutil.copytree(repo_root / "sectors", root / "sectors")
    (root / "rules" / "subsidy").mkdir(parents=True)
    shutil.copy(repo_root / "rules/subsidy/deceased_payee.yaml", root / "rules/subsidy")
    monkeypatch.setenv("MINGJIAN_CONTENT", str(root))
    return root


def add(content: Path, name: str, text: str) -> Path:
    path = content / "rules" / "subsidy" / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def gated(city: TinyCity) -> Run:
    """A run whose tables are in the lake and have passed the gate."""
    run = city.open()
    for step in flow.PATH[:2]:
        for key in step.keys(run, "subsidy"):
            step.work(run, key)
    return run


def outcomes(run: Run) -> dict[str, Row]:
    with run.engine.connect() as conn:
        return {r.model_id.removeprefix("subsidy."): r for r in conn.execute(select(model_run))}


def findings(run: Run) -> list[dict]:
    with run.engine.connect() as conn:
        return [dict(r) for r in conn.execute(select(finding).order_by(finding.c.id)).mappings()]


def test_each_failure_is_told_at_its_line_and_stops_no_other(
    city: TinyCity, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TIME_LIMIT_S", 5.0)
    monkeypatch.setattr(duck, "MEMORY_LIMIT", "100MB")
    for name, (text, _line, _said) in BAD.items():
        add(content, name, text)
    run = gated(city)
    for group in ("subsidy.rules", "subsidy.models"):
        detect_group(run, group)
    seen = outcomes(run)
    assert seen["deceased_payee"].outcome == "done"
    assert seen["deceased_payee"].findings == 2
    assert {n: seen[n].outcome for n in BAD} == dict.fromkeys(BAD, "failed")
    for name, (_text, line, said) in BAD.items():
        message = seen[name].message
        told_line = int(re.search(r"\.yaml:(\d+): ", message)[1])
        assert (name, told_line) == (name, line), message
        assert said in message, message
    assert {f["model"] for f in findings(run)} == {GOOD}


def test_the_findings_are_the_same_with_one_worker_and_with_many(
    city: TinyCity, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        add(content, f"plain{n}", model(f"plain{n}", PLAIN))
    run = gated(city)
    seen = []
    for workers in (1, 4):
        monkeypatch.setattr(stage, "WORKERS", workers)
        with run.engine.begin() as conn:
            conn.execute(delete(model_run))
        detect_group(run, "subsidy.rules")
        found = sorted(findings(run), key=lambda f: (f["model"], f["subject_id"], f["period"]))
        seen.append([{k: v for k, v in f.items() if k != "id"} for f in found])
    assert len(seen[0]) == 2 + 6 * 4
    assert seen[0] == seen[1]


def test_a_model_crowded_out_of_memory_is_tried_again_alone(
    city: TinyCity, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "WORKERS", 2)
    run, tried = gated(city), []
    real = stage.findings_by_district

    def crowded_once(*given: object) -> list[Finding]:
        tried.append(given)
        if len(tried) == 1:
            raise limits.OutOfMemory("full")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(stage, "findings_by_district", crowded_once)
    detect_group(run, "subsidy.rules")
    assert len(tried) == 2
    assert outcomes(run)["deceased_payee"].findings == 2


def test_without_an_optional_table_a_model_runs_and_says_so(city: TinyCity, content: Path) -> None:
    query = PLAIN.replace("FROM payout", "FROM payout LEFT JOIN custody_record c USING (person_id)")
    text = model("optional", query, "  custody_record: [person_id]\noptional: [custody_record]")
    add(content, "optional", text)
    add(content, "needed", model("needed", query, "  custody_record: [person_id]"))
    run = gated(city)
    detect_group(run, "subsidy.rules")
    seen = outcomes(run)
    assert seen["needed"].outcome == "no_feed"
    assert (seen["optional"].outcome, seen["optional"].findings) == ("done", 4)
    assert "custody_record" in seen["optional"].message
    assert "custody_record" not in seen["optional"].reads["lake"]
    for step in flow.PATH[3:4]:
        step.work(run, "subsidy")
    assert [r for r in replay(run) if r.difference] == []


def set_param(run: Run, name: str, value: object, district: str | None) -> None:
    new = overrides.NewOverride(GOOD, name, value, district, AS_OF, None, "试点")
    with run.engine.begin() as conn:
        overrides.add(conn, new, "u1", run.clock.now())


@pytest.mark.parametrize(
    ("district", "grace", "found"), [(None, 2, 1), ("150102", 2, 1), ("150103", 9, 2), (None, 9, 0)]
)
def test_a_citys_and_a_districts_own_values_hold_there(
    city: TinyCity, content: Path, district: str | None, grace: int, found: int
) -> None:
    run = gated(city)
    set_param(run, "grace_months", grace, district)
    set_param(run, "gone", 1, district)  # a parameter that the model had once
    detect_group(run, "subsidy.rules")
    applies = district in (None, "150102")
    made = findings(run)
    seen = outcomes(run)["deceased_payee"]
    assert (len(made), seen.outcome) == (found, "done")
    assert {f["params"]["grace_months"] for f in made} <= {grace if applies else 1}
    assert "gone" in seen.message


def test_a_new_override_makes_the_model_run_again_the_same_day(city: TinyCity, content: Path) -> None:
    run = gated(city)
    assert detect_group(run, "subsidy.rules")["findings"] == 2
    assert detect_group(run, "subsidy.rules")["findings"] == 2
    set_param(run, "grace_months", 3, "150102")
    assert detect_group(run, "subsidy.rules")["findings"] == 1


def test_big_tables_are_read_once_with_the_same_findings(
    city: TinyCity, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    condition = 'narrow: {payout: "person_id IN (SELECT person_id FROM death_record) AND amount >= :least"}'
    for name in ("one", "two"):
        query = PLAIN.replace(
            "FROM payout", "FROM payout WHERE person_id IN (SELECT person_id FROM death_record)"
        )
        add(content, name, model(name, query, f"  death_record: [person_id]\n{condition}"))
    run = gated(city)
    seen, shared = [], []
    real = narrow.share
    monkeypatch.setattr(narrow, "share", lambda *given: (shared.append(given[2]), real(*given)))
    for least in (1_000_000, 1):
        monkeypatch.setattr(narrow, "LEAST_ROWS", least)
        with run.engine.begin() as conn:
            conn.execute(delete(model_run))
        detect_group(run, "subsidy.rules")
        found = sorted(findings(run), key=lambda f: (f["model"], f["subject_id"], f["period"]))
        seen.append([{k: v for k, v in f.items() if k != "id"} for f in found])
    assert shared == ["payout"]
    assert len(seen[0]) == 2 + 2 * 3
    assert seen[0] == seen[1]
