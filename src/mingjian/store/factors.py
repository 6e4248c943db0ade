"""The second factor: time-based codes (RFC 6238) and recovery codes, each good once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.store.sealed import Sealer
from mingjian.store.tables import recovery_code, user_factor
from mingjian.store.users import count_failure, forget_failures, is_locked, lock_account, note

KEY_FILE = "factor.key"
STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be half a minute off, to either side
RECOVERY_CODES = 10

_f = user_factor.c


class CodeResult(StrEnum):
    """What became of a code."""

    RIGHT = "right"
    RECOVERY = "recovery"
    WRONG = "wrong"
    USED = "used"
    LOCKED = "locked"
    NONE = "none"  # no second factor is set up

    @property
    def lets_in(self) -> bool:
        """Whether the code proves who it is."""
        return self in (CodeResult.RIGHT, CodeResult.RECOVERY)


def propose(conn: Connection, at: datetime, sealer: Sealer, user_id: str) -> None:
    """Keep a new secret for a user who has none confirmed; it counts only once a code of it was typed."""
    secret = sealer.seal(pyotp.random_base32(32))
    row = {"secret": secret, "asked_at": at, "last_counter": 0}
    made = upsert(user_factor).values(user_id=user_id, **row)
    conn.execute(
        made.on_conflict_do_update(index_elements=["user_id"], set_=row, where=_f.confirmed_at.is_(None))
    )


def proposed(conn: Connection, sealer: Sealer, user_id: str) -> pyotp.TOTP | None:
    """The secret that waits to be confirmed."""
    sealed = conn.scalar(select(_f.secret).where(_f.user_id == user_id, _f.confirmed_at.is_(None)))
    return pyotp.TOTP(sealer.open(sealed)) if sealed else None


def confirm(conn: Connection, at: datetime, sealer: Sealer, user_id: str, code: str) -> list[str] | None:
    """Ten recovery codes when the code is one of the proposed secret, which then counts; else None."""
    totp = proposed(conn, sealer, user_id)
    counter = _counter(totp, at, code) if totp else None
    if counter is None:
        return None
    values = {"confirmed_at": at, "last_counter": counter}
    conn.execute(update(user_factor).where(_f.user_id == user_id).values(**values))
    codes = [_recovery_code() for _n in range(RECOVERY_CODES)]
    conn.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    conn.execute(insert(recovery_code), [{"user_id": user_id, "hash": _hash(code)} for code in codes])
    note(conn, at, user_id, "second_factor_added")
    return codes


def check(conn: Connection, at: datetime, sealer: Sealer, user_id: str, code: str) -> CodeResult:
    """Take a code at sign-in: counts wrong ones towards the lock, never takes one twice, writes an audit row."""
    account = lock_account(conn, user_id)
    row = conn.execute(select(user_factor).where(_f.user_id == user_id, _f.confirmed_at.is_not(None))).first()
    if account is None or not account.active or row is None:
        return CodeResult.NONE
    if is_locked(account, at):
        note(conn, at, user_id, "sign_in_refused")
        return CodeResult.LOCKED
    counter = _counter(pyotp.TOTP(sealer.open(row.secret)), at, code)
    if counter is None and _spend_recovery_code(conn, at, user_id, code):
        forget_failures(conn, user_id)
        note(conn, at, user_id, "sign_in_by_recovery_code")
        return CodeResult.RECOVERY
    if counter is None or counter <= row.last_counter:
        count_failure(conn, at, account)
        return CodeResult.WRONG if counter is None else CodeResult.USED
    conn.execute(update(user_factor).where(_f.user_id == user_id).values(last_counter=counter))
    forget_failures(conn, user_id)
    note(conn, at, user_id, "sign_in")
    return CodeResult.RIGHT


def remove(conn: Connection, at: datetime, user_id: str) -> None:
    """Ask for no more codes at sign-in."""
    conn.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    conn.execute(delete(user_factor).where(_f.user_id == user_id))
    note(conn, at, user_id, "second_factor_removed")


def _counter(totp: pyotp.TOTP, at: datetime, code: str) -> int | None:
    """Which 30 seconds the code belongs to, if to any near now. The latest first: it is the one kept."""
    now = int(at.timestamp()) // STEP_SECONDS
    typed = code.replace(" ", "")
    near = range(now + DRIFT_STEPS, now - DRIFT_STEPS - 1, -1)
    return next((n for n in near if strings_equal(typed, totp.generate_otp(n))), None)


def _spend_recovery_code(conn: Connection, at: datetime, user_id: str, code: str) -> bool:
    mine = (recovery_code.c.user_id == user_id, recovery_code.c.hash == _hash(code))
    unused = update(recovery_code).where(*mine, recovery_code.c.used_at.is_(None))
    return conn.execute(unused.values(used_at=at)).rowcount == 1


def _recovery_code() -> str:
    """80 random bits in four groups."""
    letters = pyotp.random_base32(32)[:16].lower()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _hash(code: str) -> str:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode()).hexdigest()
