"""Accounts: argon2id password hashes, and a lock after five wrong passwords."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from mingjian.store import audit
from mingjian.store.identity import User, find_user
from mingjian.store.tables import app_user, unit, warning

MAX_FAILURES = 5
LOCK_TIME = timedelta(minutes=15)
_hasher = PasswordHasher()


def create_user(
    conn: Connection,
    id: str,
    name: str,
    role: str,
    unit_id: str | None,
    data_scope: str,
    password: str,
    *,
    must_change: bool = False,
    totp_required: bool = False,
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
        "must_change": must_change,
        "totp_required": totp_required,
        "active": True,
        "failed_logins": 0,
        "locked_until": None,
    }
    conn.execute(insert(app_user).values(id=id, **row).on_conflict_do_update(index_elements=["id"], set_=row))


def verify_password(conn: Connection, at: datetime, id: str, password: str) -> User | None:
    """The user when the password is right and the account is neither locked nor closed, else None.

    Counts failures, locks after MAX_FAILURES for LOCK_TIME and writes an audit row, all in the caller's
    transaction. An unknown account costs the same time as a known one. Where a code is asked for as well, failures
    are forgotten only with the right code: else a stolen password would buy endless guesses.
    """
    row = lock_account(conn, id)
    right = _matches(row.password_hash if row else None, password)
    if row is None or not row.active:
        return None
    if is_locked(row, at):
        note(conn, at, id, "sign_in_refused")
        return None
    if not right:
        count_failure(conn, at, row)
        return None
    user = find_user(conn, id)
    if user is not None and user.has_factor:
        note(conn, at, id, "password_accepted")
    else:
        forget_failures(conn, id)
        note(conn, at, id, "sign_in")
    return user


def is_own_password(conn: Connection, at: datetime, id: str, password: str) -> bool:
    """Whether a user who is signed in knows the password, counted like a try at the door."""
    row = lock_account(conn, id)
    if row is None or is_locked(row, at):
        return False
    if _matches(row.password_hash, password):
        return True
    count_failure(conn, at, row)
    return False


def lock_account(conn: Connection, id: str) -> Row | None:
    """The account's row, held until the end of the transaction: guesses are counted one after the other."""
    return conn.execute(select(app_user).where(app_user.c.id == id).with_for_update()).first()


def is_locked(row: Row, at: datetime) -> bool:
    """Whether the account is locked for its failures."""
    return row.locked_until is not None and row.locked_until > at


def count_failure(conn: Connection, at: datetime, row: Row) -> None:
    """One more wrong password or code; the fifth locks. A lock that is over starts the count anew."""
    failures = 1 if row.locked_until is not None else row.failed_logins + 1
    locked = failures >= MAX_FAILURES
    _count(conn, row.id, failures=failures, locked_until=at + LOCK_TIME if locked else None)
    note(conn, at, row.id, "account_locked" if locked else "sign_in_failed")


def forget_failures(conn: Connection, id: str) -> None:
    """The right person came: count from nought."""
    _count(conn, id, failures=0, locked_until=None)


def set_password(conn: Connection, id: str, password: str, *, must_change: bool) -> None:
    """Store a new password's hash; sessions that began with the old one are dead from here on."""
    values = {"password_hash": _hasher.hash(password), "must_change": must_change}
    conn.execute(update(app_user).where(app_user.c.id == id).values(**values))


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


def note(conn: Connection, at: datetime, id: str, action: str) -> None:
    """An audit row of what a user did with the own account."""
    audit.record(conn, at=at, actor=id, action=action, object_kind="user", object_id=id)
