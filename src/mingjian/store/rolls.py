"""The repository of whole registers: all units and all users read at once, and written at once by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

UNIT_COLUMNS = (
    "id",
    "parent_id",
    "name",
    "name_en",
    "level",
    "unit_type",
    "region_code",
    "line_code",
    "charge_leader_user_id",
    "opened_on",
)
USER_COLUMNS = ("id", "name", "unit_id", "role", "data_scope", "charge", "active")


def held_units(conn: Connection) -> list[tuple[Any, ...]]:
    """Every unit: UNIT_COLUMNS as text with "" for nothing, and whether it is closed."""
    plain = ", ".join(f"coalesce({c}::text, '')" for c in UNIT_COLUMNS)
    return [tuple(row) for row in conn.execute(text(f"SELECT {plain}, closed_on IS NOT NULL FROM unit"))]


def held_users(conn: Connection) -> list[tuple[Any, ...]]:
    """Every account: USER_COLUMNS as text with "" for nothing, `active` as 1 or 0."""
    plain = ", ".join(f"coalesce({c}::text, '')" for c in USER_COLUMNS[:-1])
    return [tuple(row) for row in conn.execute(text(f"SELECT {plain}, active::int::text FROM app_user"))]


def write_units(conn: Connection, rows: Iterable[Sequence[str]]) -> None:
    """Insert or change units; rows are UNIT_COLUMNS and the path, as text, "" for nothing.

    The path is that of a new unit; those of known ones, and of what stands below them, are the caller's to set.
    """
    _copy(conn, "incoming_unit", (*UNIT_COLUMNS, "path"), rows)
    changed = ", ".join(f"{c} = excluded.{c}" for c in UNIT_COLUMNS[1:])
    conn.execute(
        text(
            f"""
            INSERT INTO unit (id, path, parent_id, name, name_en, level, unit_type, region_code, line_code,
                              charge_leader_user_id, opened_on)
            SELECT id, path, nullif(parent_id, ''), name, name_en, level, unit_type,
                   nullif(region_code, ''), nullif(line_code, ''), nullif(charge_leader_user_id, ''),
                   nullif(opened_on, '')::date
            FROM incoming_unit
            ON CONFLICT (id) DO UPDATE SET {changed}
            """
        )
    )


def write_users(conn: Connection, rows: Iterable[Sequence[str]]) -> None:
    """Insert or change accounts; rows are USER_COLUMNS as text. A new one has no password and cannot sign in yet.

    Passwords, locks and failures of accounts that exist stay as they are.
    """
    _copy(conn, "incoming_user", USER_COLUMNS, rows)
    changed = ", ".join(f"{c} = excluded.{c}" for c in USER_COLUMNS[1:])
    conn.execute(
        text(
            f"""
            INSERT INTO app_user (id, name, unit_id, role, data_scope, charge, active, region_code, line_code)
            SELECT i.id, i.name, u.id, role, data_scope, charge, active = '1', u.region_code, u.line_code
            FROM incoming_user i LEFT JOIN unit u ON u.id = i.unit_id
            ON CONFLICT (id) DO UPDATE SET {changed}
            """
        )
    )


def place_users(conn: Connection) -> int:
    """Give every user the region and the line of business of the unit; returns how many changed."""
    return conn.execute(
        text(
            """
            UPDATE app_user SET region_code = u.region_code, line_code = u.line_code FROM unit u
            WHERE u.id = app_user.unit_id
              AND (app_user.region_code, app_user.line_code) IS DISTINCT FROM (u.region_code, u.line_code)
            """
        )
    ).rowcount


def changed_since(conn: Connection, kind: str, day: date) -> set[str]:
    """Units with a change of this kind on a later day."""
    asked = text("SELECT DISTINCT unit_id FROM unit_change WHERE kind = :kind AND day > :day")
    return set(conn.scalars(asked, {"kind": kind, "day": day}))


def _copy(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """COPY rows of text into a temporary table that is gone with the transaction."""
    conn.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    conn.execute(
        text(f"CREATE TEMPORARY TABLE {table} ({', '.join(f'{c} text' for c in columns)}) ON COMMIT DROP")
    )
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
