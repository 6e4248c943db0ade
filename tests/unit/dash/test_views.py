"""The figures of the `dash` views, and who may read what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from tests.dash_rows import MONDAY, add_city, add_warning

from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.store.db import MIGRATIONS

SQL = (MIGRATIONS.parent / "sql" / "dash_views.sql").read_text(encoding="utf-8")
VIEWS = [
    "closed_by_day", "districts", "feeds", "handling", "lights", "model_activity", "quarantine_reasons", "runs",
    "warnings_by_day", "warnings_open",
]  # fmt: skip
NEVER = {
    "subject_id",
    "subject_kind",
    "explanation",
    "evidence",
    "measures",
    "row_key",
    "reason",
    "error",
    "file",
}


@pytest.fixture
def city(conn: Connection) -> Iterator[Connection]:
    """A small city's rows, read as the dashboard's role."""
    add_city(conn)
    conn.execute(text("SET LOCAL ROLE mingjian_dash"))
    yield conn
    conn.execute(text("RESET ROLE"))


def rows(conn: Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(text(sql))]


def test_the_schema_holds_these_views(conn: Connection) -> None:
    found = rows(
        conn, "SELECT table_name FROM information_schema.views WHERE table_schema = 'dash' ORDER BY 1"
    )
    assert [name for (name,) in found] == VIEWS


@pytest.mark.parametrize("view", VIEWS)
def test_the_role_reads_each_view_and_finds_the_city_there(city: Connection, view: str) -> None:
    assert rows(city, f"SELECT * FROM dash.{view}")


@pytest.mark.parametrize(
    "table", ["warning", "supervision_order", "app_user", "audit_log", "feed", "quarantine"]
)
def test_the_role_is_refused_every_table(city: Connection, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), city.begin_nested():
        city.execute(text(f"SELECT 1 FROM public.{table}"))


def test_the_role_has_no_right_but_to_read(conn: Connection) -> None:
    held = rows(
        conn,
        "SELECT table_schema, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = 'mingjian_dash' AND table_schema IN ('public', 'dash') GROUP BY 1, 2",
    )
    assert held == [("dash", "SELECT")]


def test_no_view_shows_a_subject_or_the_text_of_a_case(conn: Connection) -> None:
    columns = rows(conn, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'dash'")
    assert not NEVER & {name for (name,) in columns}


def test_every_view_and_column_is_documented(conn: Connection) -> None:
    bare = rows(
        conn,
        "SELECT c.relname, a.attname FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 "
        "WHERE c.relnamespace = 'dash'::regnamespace AND col_description(c.oid, a.attnum) IS NULL "
        "UNION ALL SELECT relname, '' FROM pg_class WHERE relnamespace = 'dash'::regnamespace "
        "AND obj_description(oid) IS NULL",
    )
    assert bare == []


def test_a_district_is_named_by_its_government_or_by_the_front_of_its_departments_names(
    city: Connection,
) -> None:
    found = rows(city, "SELECT district_code, district_name FROM dash.districts ORDER BY 1")
    assert found == [("150102", "东湖区"), ("150103", "西山县人民政府")]


def test_new_warnings_are_counted_per_day_without_those_of_shadow_models(city: Connection) -> None:
    found = rows(
        city,
        "SELECT day::text, sector, level, district_code, district_name, warnings, amount "
        "FROM dash.warnings_by_day ORDER BY day, sector, level",
    )
    assert found == [
        ("2026-02-27", "subsidy", "高", "150102", "东湖区", 1, 1500),
        ("2026-03-02", "subsidy", "中", "150103", "西山县人民政府", 1, 0),
        ("2026-03-02", "subsidy", "高", "150102", "东湖区", 1, 1500),
        ("2026-03-02", "utility", "低", "-", "-", 1, 1500),
    ]


def test_closed_warnings_are_counted_on_their_day_in_the_city_by_what_was_found(conn: Connection) -> None:
    late = MONDAY.replace(hour=23)
    for status in ("closed", "archived", "closed_fp", "closed_data", "closed_policy", "reopened"):
        add_warning(conn, f"W-{status}", status=status, closed_at=late, unit_id=None)
    found = rows(conn, "SELECT day::text, sector, verdict, warnings FROM dash.closed_by_day ORDER BY verdict")
    day = ("2026-03-02", "subsidy")
    assert found == [(*day, "confirmed", 2), (*day, "policy", 1), (*day, "rejected", 2)]


def test_closed_and_shadow_warnings_are_not_open_and_a_warning_without_a_unit_shows(city: Connection) -> None:
    found = rows(city, "SELECT level, unit_name, open, unassigned FROM dash.warnings_open ORDER BY level")
    assert sorted(found) == [("中", "西山县民政局", 1, 0), ("低", "-", 1, 1), ("高", "东湖区民政局", 1, 0)]


def test_open_means_what_the_domain_means(conn: Connection) -> None:
    done = {*CLOSED_STATES, WarningState.RECHECK, WarningState.RECORDED}
    for state in WarningState:
        add_warning(
            conn, f"W-{state}", status=state, sector="done" if state in done else "open", unit_id=None
        )
    found = rows(conn, "SELECT sector, sum(open) FROM dash.warnings_open GROUP BY sector")
    assert found == [("open", len(WarningState) - len(done))]


def test_handling_says_who_is_late_also_of_orders_nobody_has_touched(city: Connection) -> None:
    found = rows(
        city,
        "SELECT unit_name, orders, open, accepted, accepted_on_time, accept_late, "
        "finished, finished_on_time, overdue, median_accept_hours, median_finish_hours "
        "FROM dash.handling ORDER BY unit_name",
    )
    assert sorted(found) == [
        ("东湖区民政局", 2, 1, 1, 0, 2, 1, 1, 1, 72, 96),
        ("西山县民政局", 1, 1, 1, 1, 0, 0, 0, 0, 6, None),
    ]


def test_lights_are_those_of_open_orders(city: Connection) -> None:
    found = rows(city, "SELECT light, tier, district_code, orders FROM dash.lights ORDER BY light_rank DESC")
    assert found == [("alarm", 1, "150102", 1), ("none", 1, "150103", 1)]


def test_a_feed_that_stopped_coming_is_not_fresh_and_an_unchecked_table_says_so(city: Connection) -> None:
    found = rows(city, "SELECT source, fresh, verdict, rows_quarantined FROM dash.feeds ORDER BY source")
    assert found == [("deaths", False, "missing", 0), ("subsidy_payouts", True, "partial", 12)]


def test_quarantined_rows_are_counted_by_the_class_of_their_fault(city: Connection) -> None:
    found = rows(city, "SELECT column_name, value_class, status, rows FROM dash.quarantine_reasons")
    assert found == [("amount", "text_in_number", "held", 12)]


def test_a_model_shows_its_last_run(city: Connection) -> None:
    found = rows(city, "SELECT outcome, findings, warnings, open FROM dash.model_activity")
    assert found == [("done", 3, 3, 2)]


def test_failed_tasks_of_a_run_are_counted(city: Connection) -> None:
    found = rows(city, "SELECT stage, tasks, done, failed FROM dash.runs ORDER BY stage")
    assert found == [("gate", 1, 1, 0), ("pull", 2, 1, 1)]


def test_running_the_views_again_changes_nothing(conn: Connection) -> None:
    conn.exec_driver_sql(SQL)
    add_city(conn)
    assert rows(conn, "SELECT count(*) FROM dash.lights") == [(2,)]


def test_a_login_that_may_not_create_roles_still_gets_the_views(conn: Connection) -> None:
    conn.exec_driver_sql("CREATE ROLE small_login NOLOGIN")
    conn.exec_driver_sql("GRANT CREATE ON DATABASE test TO small_login")
    conn.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO small_login")
    conn.exec_driver_sql("DROP SCHEMA dash CASCADE")
    conn.exec_driver_sql("SET LOCAL ROLE small_login")
    conn.exec_driver_sql(SQL.replace("mingjian_dash", "mingjian_other"))
    assert rows(conn, "SELECT count(*) FROM dash.lights") == [(0,)]
