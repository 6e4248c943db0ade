"""Verifying a long audit log: rows a second, peak memory, and how much more it costs than reading the same rows.

Writes the log with the service's own code into a database of its own, then, each in its own process: a bare stream
of the rows through psycopg's server-side cursor, and `mingjian audit verify`'s check, over the whole log and over a
tenth of it (memory must not grow with the log). Writes `bench/results/audit.json`; exits with 1 when a promise is
broken: the check takes more than `LIMIT` times the bare stream, memory grows, or a planted edit is not found.

    python bench/audit.py [--rows 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

LIMIT = 6.0
GROWTH_MB = 40
BATCH = 5_000
RESULTS = Path(__file__).parent / "results" / "audit.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--part", choices=["stream", "check"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        print(json.dumps(stream(args.url) if args.part == "stream" else check_log(args.url)))
        return 0
    return compare(args.rows)


def compare(rows: int) -> int:
    """Write both logs, measure each part, keep the figures; returns the exit code."""
    from mingjian.store import db, embedded

    with tempfile.TemporaryDirectory() as home:
        server = embedded.start(Path(home))
        short, whole = (db.create_database(server, name) for name in ("bench_short", "bench_whole"))
        fill(short, rows // 10)
        filled = fill(whole, rows)
        small = part("check", short)
        bare, checked = part("stream", whole), part("check", whole)
        tamper(whole, rows // 2)
        tampered = part("check", whole)
    ratio = round(checked["seconds"] / bare["seconds"], 2)
    figures = {
        "rows": rows,
        "cpus": os.cpu_count(),
        "write": filled,
        "bare_stream": bare,
        "check": {**checked, "rows_per_second": round(rows / checked["seconds"])},
        "check_of_a_tenth": small,
        "ratio": ratio,
        "limit": LIMIT,
        "tampered": tampered["faults"],
    }
    broken = []
    if ratio > LIMIT:
        broken.append(f"the check takes {ratio} times the bare stream, more than {LIMIT}")
    if checked["peak_mb"] > small["peak_mb"] + GROWTH_MB:
        broken.append(f"memory grows with the log: {small['peak_mb']} MB, then {checked['peak_mb']} MB")
    if checked["faults"] or tampered["faults"] != [f"edited {rows // 2}"]:
        broken.append(f"faults: {checked['faults']}, after an edit {tampered['faults']}")
    RESULTS.write_text(json.dumps({**figures, "broken": broken}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({**figures, "broken": broken}, indent=1))
    return 1 if broken else 0


def part(name: str, url: str) -> dict[str, Any]:
    """One part in its own process, so that peaks do not mix."""
    command = [sys.executable, __file__, "--part", name, "--url", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def fill(url: str, rows: int) -> dict[str, float]:
    """A log of steps, views and lights as the service writes it, an anchor every tenth."""
    from mingjian.domain.clock import CITY_TZ
    from mingjian.store import anchors, audit, db

    engine = db.connect(url)
    db.upgrade(engine)
    start = datetime(2026, 1, 1, tzinfo=CITY_TZ)
    spent = 0.0
    for first in range(0, rows, BATCH):
        entries = [
            {
                "actor": f"user-{n % 997}",
                "action": ("view", "accept", "light", "verify")[n % 4],
                "object_kind": "warning" if n % 2 else "order",
                "object_id": f"W{n % 40_000:012x}",
                "detail": {"purpose": "handle", "from": "signed", "to": "accepted", "n": n},
            }
            for n in range(first, min(first + BATCH, rows))
        ]
        at = start + timedelta(seconds=first)
        began = time.monotonic()
        with engine.begin() as conn:
            audit.record_many(conn, at=at, entries=entries)
        spent += time.monotonic() - began
        if first % (rows // 10) == 0:
            with engine.begin() as conn:
                anchors.make(conn, at + timedelta(days=first))
    engine.dispose()
    return {"seconds": round(spent, 1), "rows_per_second": round(rows / spent)}


def stream(url: str) -> dict[str, Any]:
    """Every row once through a server-side cursor, and nothing done with it."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as conn, conn.cursor(name="bare") as cursor:
        cursor.itersize = BATCH
        began = time.monotonic()
        cursor.execute("SELECT * FROM audit_log ORDER BY id")
        rows = sum(1 for _row in cursor)
        return {"seconds": round(time.monotonic() - began, 2), "rows": rows, "peak_mb": _peak_mb()}


def check_log(url: str) -> dict[str, Any]:
    """What `mingjian audit verify` does."""
    from mingjian.store import db
    from mingjian.store.audit_check import check

    with db.connect(url).connect() as conn:
        began = time.monotonic()
        report = check(conn)
        seconds = round(time.monotonic() - began, 2)
    faults = [f"{fault.kind} {fault.first}" for fault in report.faults]
    return {"seconds": seconds, "rows": report.rows, "peak_mb": _peak_mb(), "faults": faults}


def tamper(url: str, number: int) -> None:
    """One row changed, by an owner who switched the triggers off."""
    from sqlalchemy import text

    from mingjian.store import db

    with db.connect(url).begin() as conn:
        conn.execute(text("ALTER TABLE audit_log DISABLE TRIGGER append_only"))
        conn.execute(text("UPDATE audit_log SET actor = 'someone else' WHERE id = :n"), {"n": number})


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    sys.exit(main())
