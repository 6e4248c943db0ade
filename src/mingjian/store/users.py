"""Accounts: argon2id password hashes, and a lock after five wrong passwords."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from mingjian.store import audit
from mingjian.store.tables import app_user, unit, warning

MAX_FAILURES = 5
FEW_UNITS = 100
LOCK_TIME = timedelta(minutes=15)
_hasher = PasswordHasher()


@dataclass(frozen=True)
class User:
    """Who is asking. `unit_path` is the path of the user's unit, `stamp` changes with the password.

    `units` are the unit and those below it when they are few, else empty: PostgreSQL plans far better with ids
    it can look up in its statistics than with a path.
    """

    id: str
    name: str
    role: str
    data_scope: str
    unit_id: str | None = None
    unit_path: str | None = None
    unit_name: str = ""
    units: tuple[str, ...] = ()
    region_code: str | None = None
    line_code: str | None = None
    stamp: str = ""


def create_user(
    conn: Connection,
    id: str,
    name: str,
    role: str,
    unit_id: str | None,
    data_scope: str,
    password: str,
) -> None:
    """Make the account, or set it anew (and unlock it) when the id is already there.

    Region and line of business are those of the unit. Raises IntegrityError when the unit does not exist.
    """
    home = conn.execute(select(unit.c.region_code, unit.c.line_code).where(unit.c.id == unit_id)).first()
    row = {
        "name": name,
        "role": role,
        "unit_id": unit_id,
        "data_scope": data_scope,
        "region_code": home.region_code if home else None,
        "line_code": home.line_code if home else None,
        "password_hash": _hasher.hash(password),
        "active": True,
        "failed_logins": 0,
        "locked_until": None,
    }
    conn.execute(insert(app_user).values(id=id, **row).on_conflict_do_update(index_elements=["id"], set_=row))


def verify_password(conn: Connection, at: datetime, id: str, password: str) -> User | None:
    """The user when the password is right and the account is neither locked nor closed, else None.

    Counts failures, locks after MAX_FAILURES for LOCK_TIME and writes an audit row, all in the caller's
    transaction. An unknown account costs the same time as a known one.
    """
    row = conn.execute(select(app_user).where(app_user.c.id == id).with_for_update()).first()
    right = _matches(row.password_hash if row else None, password)
    if row is None or not row.active:
        return None
    if row.locked_until is not None and row.locked_until > at:
        _note(conn, at, id, "sign_in_refused")
        return None
    if right:
        _count(conn, id, failures=0, locked_until=None)
        _note(conn, at, id, "sign_in")
        return find_user(conn, id)
    failures = 1 if row.locked_until is not None else row.failed_logins + 1
    locked = failures >= MAX_FAILURES
    _count(conn, id, failures=failures, locked_until=at + LOCK_TIME if locked else None)
    _note(conn, at, id, "account_locked" if locked else "sign_in_failed")
    return None


def find_user(conn: Connection, id: str) -> User | None:
    """The active user of this id with the place of the unit, or None."""
    row = conn.execute(
        select(app_user, unit.c.path, unit.c.name.label("unit_name"))
        .outerjoin(unit, unit.c.id == app_user.c.unit_id)
        .where(app_user.c.id == id, app_user.c.active)
    ).first()
    return _user(row, _units_below(conn, row.path)) if row else None


def _units_below(conn: Connection, path: str | None) -> tuple[str, ...]:
    if path is None:
        return ()
    below = select(unit.c.id).where(unit.c.path.startswith(path, autoescape=True)).limit(FEW_UNITS + 1)
    found = tuple(conn.scalars(below))
    return found if len(found) <= FEW_UNITS else ()


def demo_users(conn: Connection, password: str) -> list[User]:
    """One account for each of the three groups; the clerk sits in the unit that has most to do."""
    create_user(conn, "inspector", "纪检员", "R4", None, "city", password)
    create_user(conn, "clerk", "承办人", "R1", _busiest_unit(conn), "own_org", password)
    create_user(conn, "leader", "领导", "LEADER", None, "city", password)
    found = [find_user(conn, id) for id in ("inspector", "clerk", "leader")]
    return [user for user in found if user is not None]


def _busiest_unit(conn: Connection) -> str | None:
    """The unit with most dispatched warnings, else any unit that has a line of business."""
    most = (
        select(warning.c.unit_id)
        .where(
            warning.c.unit_id.in_(select(unit.c.id)), warning.c.status.not_in(["new", "recorded", "waiting"])
        )
        .group_by(warning.c.unit_id)
        .order_by(func.count().desc(), warning.c.unit_id)
        .limit(1)
    )
    any_unit = select(unit.c.id).order_by(unit.c.line_code.is_(None), unit.c.id).limit(1)
    return conn.scalar(most) or conn.scalar(any_unit)


def _user(row: Row, units: tuple[str, ...]) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=row.role,
        data_scope=row.data_scope,
        unit_id=row.unit_id,
        unit_path=row.path,
        unit_name=row.unit_name or "",
        units=units,
        region_code=row.region_code,
        line_code=row.line_code,
        stamp=hashlib.sha256((row.password_hash or "").encode()).hexdigest()[:16],
    )


def _matches(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash no password fits in practice, so that unknown accounts take as long as known ones."""
    return _hasher.hash("no such account")


def _count(conn: Connection, id: str, *, failures: int, locked_until: datetime | None) -> None:
    conn.execute(
        update(app_user).where(app_user.c.id == id).values(failed_logins=failures, locked_until=locked_until)
    )


def _note(conn: Connection, at: datetime, id: str, action: str) -> None:
    audit.record(conn, at=at, actor=id, action=action, object_kind="user", object_id=id)
