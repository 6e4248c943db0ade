"""Who an account is: the user, the place of the unit and what lies with it, read in one statement.

Every request asks this, so the statement is built once and asks PostgreSQL for everything at a time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from mingjian.domain.co_handling import TAKES_PART

FEW_UNITS = 100
FEW_MATTERS = 200  # of each kind, that one asks to read besides the own ones
OWN_ORG = "own_org"


@dataclass(frozen=True)
class User:
    """Who is asking. `unit_path` is the path of the user's unit, `stamp` changes with the password.

    `must_change`: the password is a one-time password. `has_factor`: codes are asked for at sign-in;
    `totp_required`: nothing is reachable until they are.

    `proposed` are matters whose transfer waits for the user's units, `co_handled` those in which they take part. `units`
    are the unit and those below it when they are few, else empty: PostgreSQL plans far better with ids it can look up in
    its statistics than with a path. `deputy`: somebody has named the user as deputy, be it now or on other days.
    """

    id: str
    name: str
    role: str
    data_scope: str
    unit_id: str | None = None
    unit_path: str | None = None
    unit_name: str = ""
    units: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    co_handled: tuple[str, ...] = ()
    region_code: str | None = None
    line_code: str | None = None
    stamp: str = ""
    must_change: bool = False
    totp_required: bool = False
    has_factor: bool = False
    deputy: bool = False


# A range and not a prefix: an index is read for a range whose ends are known only while the statement runs.
ACCOUNTS = """
    SELECT u.*, home.path, home.name AS unit_name, factor.confirmed_at, mine.ids AS units, seen.*,
        EXISTS (SELECT FROM absence WHERE deputy_id = u.id) AS deputy {more}
    FROM app_user u {beside}
    LEFT JOIN unit home ON home.id = u.unit_id
    LEFT JOIN user_factor factor ON factor.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT array_agg(below.id) AS ids FROM (
            SELECT id FROM unit
            WHERE path ~>=~ home.path AND path ~<~ (home.path || chr(1114111)) LIMIT :few_units + 1
        ) below HAVING count(*) <= :few_units
    ) mine ON u.data_scope = :own_org
    LEFT JOIN LATERAL (
        SELECT ARRAY(
            SELECT warning_id FROM supervision_order
            WHERE proposed_unit_id IS NOT NULL AND proposed_unit_id = ANY (mine.ids)
            ORDER BY answer_due LIMIT :few_matters
        ) AS proposed, ARRAY(
            SELECT warning_id FROM co_handler WHERE unit_id = ANY (mine.ids) AND state = ANY (:takes_part)
            ORDER BY state, asked_at DESC, id LIMIT :few_matters
        ) AS co_handled
    ) seen ON mine.ids IS NOT NULL
    WHERE u.active AND {where}"""


def accounts(where: str, beside: str = "", more: str = "") -> TextClause:
    """Active accounts, each with its unit and what lies with it, for `user_of`; `more` columns of what is joined `beside`."""
    return text(ACCOUNTS.format(where=where, beside=beside, more=more)).bindparams(
        own_org=OWN_ORG,
        few_units=FEW_UNITS,
        few_matters=FEW_MATTERS,
        takes_part=[state.value for state in TAKES_PART],
    )


def find_user(conn: Connection, id: str) -> User | None:
    """The active user of this id with the place of the unit, or None."""
    row = conn.execute(_BY_ID, {"id": id}).first()
    return None if row is None else user_of(row)


def user_of(row: Row[Any]) -> User:
    """The user that a row of `accounts` tells of."""
    return User(
        id=row.id,
        name=row.name,
        role=row.role,
        data_scope=row.data_scope,
        unit_id=row.unit_id,
        unit_path=row.path,
        unit_name=row.unit_name or "",
        units=tuple(row.units or ()),
        proposed=tuple(row.proposed or ()),
        co_handled=tuple(row.co_handled or ()),
        region_code=row.region_code,
        line_code=row.line_code,
        stamp=hashlib.sha256((row.password_hash or "").encode()).hexdigest()[:16],
        must_change=row.must_change,
        totp_required=row.totp_required,
        has_factor=row.confirmed_at is not None,
        deputy=row.deputy,
    )


_BY_ID = accounts("u.id = :id")
