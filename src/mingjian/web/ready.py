"""`/healthz` says that the process lives; `/readyz` says whether it should be sent requests, and why not."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fastapi import APIRouter, Request
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from mingjian.domain.clock import Clock
from mingjian.store import db, gauges
from mingjian.web.operators import is_operator
from mingjian.web.viewer import Office, office_of

router = APIRouter()
LEAST_FREE = 512 * 1024 * 1024  # bytes; below this PostgreSQL and the lake soon fail to write
ABSURD_LAG = 7 * 24 * 3600  # seconds; the lights on every page are wrong by then
PATIENCE = "2s"  # how long the store may take to answer a probe


class Reason(StrEnum):
    """What a check found."""

    OK = "ok"
    DRAINING = "draining"
    STORE_UNREACHABLE = "store_unreachable"
    SCHEMA_BEHIND = "schema_behind"
    RESTORE_UNFINISHED = "restore_unfinished"
    LAKE_MISSING = "lake_missing"
    LAKE_UNREADABLE = "lake_unreadable"
    DISK_FULL = "disk_full"
    SWEEP_STOPPED = "sweep_stopped"


@dataclass
class Drain:
    """Set once the process has been told to stop; requests in flight still finish."""

    begun: bool = False


@router.get("/healthz")
def healthz() -> JSONResponse:
    """Whether the process answers; asks nothing of the store, whose outage a restart would not mend."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """200 ready or 503 not; operators are told each check with its reason, others only the outcome."""
    drain: Drain = request.app.state.drain
    checks = (
        {"drain": Reason.DRAINING} if drain.begun else all_checks(office_of(request), request.app.state.home)
    )
    ready = all(reason is Reason.OK for reason in checks.values())
    said: dict[str, object] = {"status": "ready" if ready else "not_ready"}
    if is_operator(request):
        said["checks"] = checks
    return JSONResponse(said, status_code=200 if ready else 503)


def all_checks(office: Office, home: Path) -> dict[str, Reason]:
    """Each check by its name; those that need the store are left out when it does not answer."""
    checks = {"disk": _disk(home), "restore": _restore(home)}
    try:
        with office.engine.connect() as conn, conn.begin():
            conn.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            checks["store"] = Reason.OK
            checks["schema"] = _schema(conn)
            if checks["schema"] is Reason.OK:
                checks["lake"] = _lake(conn, home / "lake")
                checks["sweep"] = _sweep(conn, office.clock)
    except SQLAlchemyError:
        checks["store"] = Reason.STORE_UNREACHABLE
    return checks


def _schema(conn: Connection) -> Reason:
    return Reason.OK if db.revision_of(conn) == db.head() else Reason.SCHEMA_BEHIND


def _lake(conn: Connection, folder: Path) -> Reason:
    """A lake that is not there is fine as long as nothing was ever pulled into it."""
    if not folder.exists():
        return Reason.OK if gauges.newest_pull(conn) is None else Reason.LAKE_MISSING
    return Reason.OK if os.access(folder, os.R_OK | os.X_OK) else Reason.LAKE_UNREADABLE


def _sweep(conn: Connection, clock: Clock) -> Reason:
    return Reason.OK if gauges.sweep_lag(conn, clock.now()) < ABSURD_LAG else Reason.SWEEP_STOPPED


def _disk(home: Path) -> Reason:
    return Reason.OK if shutil.disk_usage(home).free >= LEAST_FREE else Reason.DISK_FULL


def _restore(home: Path) -> Reason:
    return Reason.RESTORE_UNFINISHED if (home / ".restore").exists() else Reason.OK
