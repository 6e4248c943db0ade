"""Run pytest on a PostgreSQL that is installed here instead of the embedded one: `make test-external`.

    python tests/external.py BIN [pytest arguments]

BIN is the folder of its programs (initdb, pg_ctl). A cluster for each of pytest's workers is made in a temporary folder,
listens on a socket only, and is gone afterwards. As root everything of it runs as the user `nobody`: PostgreSQL refuses
root. A server that already runs is used as it is, by one worker, when MINGJIAN_TEST_DATABASE_URL names it; then BIN may
be empty.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any


def main(bin_dir: str, arguments: list[str]) -> int:
    """Start, test, stop; returns pytest's exit code."""
    if os.environ.get("MINGJIAN_TEST_DATABASE_URL"):
        return _pytest(arguments, {})
    programs = Path(bin_dir)
    if not (programs / "initdb").exists():
        print(
            f"initdb is not in {bin_dir or 'any known folder'}: install PostgreSQL's server, or name PG_BIN"
        )
        return 2
    home = Path(tempfile.mkdtemp(prefix="mingjian-external-"))
    names = [f"gw{n}" for n in range(os.cpu_count() or 1)]
    try:
        with ExitStack() as clusters:
            for name in names:
                clusters.enter_context(_cluster(programs, home, name))
            url = f"postgresql+psycopg://postgres@/postgres?host={home}/{{worker}}"
            workers = ["-n", str(len(names)), "--dist", "loadfile"]
            return _pytest([*workers, *arguments], {"MINGJIAN_TEST_DATABASE_URL": url})
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _cluster(programs: Path, home: Path, name: str) -> Iterator[None]:
    """A running cluster whose socket lies in the folder `name`."""
    run = {"cwd": home, "check": True, "stdout": subprocess.DEVNULL, **_ordinary_user(home)}
    socket, data = home / name, home / f"{name}-data"
    subprocess.run(["mkdir", socket], **run)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], **run
    )
    options = f'-h "" -k {socket}'
    log = home / f"{name}.log"
    subprocess.run([programs / "pg_ctl", "-w", "-D", data, "-l", log, "-o", options, "start"], **run)
    try:
        yield
    finally:
        subprocess.run([programs / "pg_ctl", "-w", "-D", data, "-m", "fast", "stop"], **run)


def _ordinary_user(home: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _pytest(arguments: list[str], env: dict[str, str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env={**os.environ, **env}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]))
