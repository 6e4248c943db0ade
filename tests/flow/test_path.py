"""The one path, end to end, on a city small enough to read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from mingjian import flow
from mingjian.replay import replay
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store.tables import quarantine, supervision_order, unit, warning, warning_decision
from tests.flow.conftest import AS_OF, IDS, TinyCity, payouts


def walk(run: Run) -> list[flow.Done]:
    return list(flow.walk(run, ["subsidy", "process"]))


def warnings(run: Run, model: str = "subsidy.deceased_payee") -> list[tuple]:
    """What a warning is, without when it was written."""
    columns = [warning.c[c] for c in ("id", "level", "score", "period", "hits", "status", "digest")]
    with run.engine.connect() as conn:
        return [
            tuple(r)
            for r in conn.execute(select(*columns).where(warning.c.model == model).order_by(warning.c.id))
        ]


def test_two_dead_payees_become_warnings_with_levels(city: TinyCity) -> None:
    run = city.open()
    assert [d.error for d in walk(run) if d.error] == []
    found = warnings(run)
    assert sorted(level for _id, level, *_rest in found) == ["低", "高"]


def test_explanation_is_filled_in_both_languages(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    with run.engine.connect() as conn:
        said = conn.execute(select(warning.c.explanation).where(warning.c.level == "高")).scalar_one()
    assert "1,500.00 元" in said["zh"]
    assert "3 month(s)" in said["en"]


def test_no_identity_number_reaches_lake_or_store(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    files = list(run.home.rglob("*.parquet"))
    assert files
    assert not any(number.encode() in path.read_bytes() for path in files for number in IDS.values())
    with run.engine.connect() as conn:
        subjects = conn.execute(select(warning.c.subject_id)).scalars().all()
    assert not set(subjects) & set(IDS.values())


def test_low_warning_goes_to_the_district_unit_and_high_person_waits_for_triage(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    with run.engine.connect() as conn:
        rows = conn.execute(
            select(warning.c.level, warning.c.status, unit.c.name, supervision_order.c.tier)
            .outerjoin(supervision_order, supervision_order.c.warning_id == warning.c.id)
            .outerjoin(unit, unit.c.id == supervision_order.c.unit_id)
            .where(warning.c.model == "subsidy.deceased_payee")
        ).all()
    assert {tuple(r) for r in rows} == {("低", "dispatched", "新城区民政局", 1), ("高", "new", None, None)}


def test_same_day_twice_makes_no_new_warning(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    before = warnings(run)
    walk(run)
    assert warnings(run) == before


def test_next_day_is_a_repeated_hit_and_not_a_second_warning(city: TinyCity) -> None:
    walk(city.open())
    later = city.open(as_of=AS_OF + timedelta(days=1))
    walk(later)
    assert {hits for *_a, hits, _status, _digest in warnings(later)} == {2}
    with later.engine.connect() as conn:
        reasons = conn.execute(
            select(warning_decision.c.reason, func.count()).group_by(warning_decision.c.reason)
        )
        assert {"new", "repeated"} <= {r.reason for r in reasons}


def test_replay_finds_every_warning_identical(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    city.write("payouts.csv", payouts("P9,150102194001010024,DB,150102,2026-04,2026/4/10,0.05,成功"))
    walk(city.open(as_of=AS_OF + timedelta(days=1)))
    done = replay(run)
    assert done
    assert [r.difference for r in done if r.difference] == []


def test_corrected_file_releases_the_held_row(city: TinyCity) -> None:
    city.write("payouts.csv", payouts("P9,150102194001010032,DB,150102,2026-04,2026/4/10,五百,成功"))
    run = city.open()
    walk(run)
    with run.engine.connect() as conn:
        held = conn.execute(select(quarantine).where(quarantine.c.status == "held")).all()
    assert [(h.row_no, h.column_name) for h in held] == [(8, "amount")]
    city.write("payouts.csv", payouts("P9,150102194001010032,DB,150102,2026-04,2026/4/10,0.05,成功"))
    walk(city.open())
    with run.engine.connect() as conn:
        assert conn.execute(select(quarantine).where(quarantine.c.status == "held")).all() == []


def test_unreadable_file_is_told_and_becomes_a_warning_of_its_own(city: TinyCity) -> None:
    walk(city.open())
    (city.folder / "payouts.csv").write_bytes(b"\xff\xfe\x00broken\x81\x20")
    run = city.open(as_of=AS_OF + timedelta(days=1))
    errors = [d for d in walk(run) if d.error]
    assert [(d.stage, d.key) for d in errors] == [("pull", "payouts")]
    assert "payouts.csv" in str(errors[0].error)
    assert [w[1] for w in warnings(run, "process.data_feed_stale")] == ["高"]


def test_audit_chain_is_whole_after_everything(city: TinyCity) -> None:
    run = city.open()
    walk(run)
    with run.engine.connect() as conn:
        assert audit.verify(conn) is None
