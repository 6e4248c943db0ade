"""A city's register imported: 20,000 units and 45,000 users, beside the least anybody could do with the same files.

The least is: read both files with pandas and COPY them as they are into two bare tables, nothing checked, no keys. Each
run is a fresh process on a fresh database of the embedded server; the two kinds take turns and the median counts.
Also timed: the same files a second time (nothing changes), a district of thousands of units moved, two bureaus merged.
Writes `bench/results/organisation.json`, prints a table, and exits with 1 when a promise breaks.

    python bench/organisation.py [--units 20000] [--users 45000] [--runs 5]

Memory is the peak resident set of the Python process. Seconds depend on the machine and on what else it does: compare
ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "organisation.json"
MOST_TIMES, MOST_MEMORY, MOST_SECONDS = 15.0, 2.5, 60.0

Measured = dict[str, Any]


def main() -> int:
    args = _arguments()
    if args.part:
        part = {"ours": ours, "bare": bare}[args.part]
        args.answer.write_text(json.dumps(part(args.work, args.database)), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory(prefix="mingjian-bench-") as folder:
        report = measure(Path(folder), args.units, args.users, args.runs)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(report)
    return 0 if all(report["holds"].values()) else 1


def measure(base: Path, units: int, users: int, runs: int) -> Measured:
    """Both kinds in turns, each in a process and a database of its own."""
    from mingjian.sample.city.organisation import write_register
    from mingjian.store import db, embedded

    base.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    write_register(base, units, users)
    server = embedded.start(base / "home")
    found: dict[str, list[Measured]] = {"bare": [], "ours": []}
    for run in range(runs):
        for kind in found:
            url = db.create_database(server, f"{kind}_{run}")
            answer = base / "answer.json"
            command = [sys.executable, __file__, "--part", kind, "--work", str(base), "--database", url]
            subprocess.run([*command, "--answer", str(answer)], check=True)
            found[kind].append(json.loads(answer.read_text(encoding="utf-8")))
    median = {
        kind: {name: round(statistics.median(one[name] for one in many), 3) for name in many[0]}
        for kind, many in found.items()
    }
    mine, least = median["ours"], median["bare"]
    ratio = {
        "seconds": round(mine["seconds"] / least["seconds"], 2),
        "memory": round(mine["peak_mb"] / least["peak_mb"], 2),
    }
    holds = {
        f"import at most {MOST_TIMES:g} times the bare COPY": ratio["seconds"] <= MOST_TIMES,
        f"memory at most {MOST_MEMORY:g} times": ratio["memory"] <= MOST_MEMORY,
        f"import within {MOST_SECONDS:g} s": mine["seconds"] <= MOST_SECONDS,
        "a second run changes nothing": mine["changed_again"] == 0,
        "every row is taken": mine["taken"] == units + users,
    }
    return {
        "cpus": os.cpu_count(),
        "units": units,
        "users": users,
        "runs": runs,
        **median,
        "ratio": ratio,
        "holds": holds,
    }


def bare(work: Path, database: str) -> Measured:
    """Read with pandas, COPY into tables of text."""
    import pandas as pd
    import psycopg

    with psycopg.connect(database.replace("postgresql+psycopg://", "postgresql://")) as conn:
        started = time.monotonic()
        for name in ("units", "users"):
            frame = pd.read_csv(work / f"{name}.csv", dtype=str, keep_default_na=False)
            columns = [f"c{n}" for n in range(frame.shape[1])]
            conn.execute(f"CREATE TABLE bare_{name} ({', '.join(f'{c} text' for c in columns)})")
            with conn.cursor().copy(f"COPY bare_{name} FROM STDIN") as copy:
                for row in frame.itertuples(index=False, name=None):
                    copy.write_row(row)
        conn.commit()
        return {"seconds": time.monotonic() - started, "peak_mb": _peak_mb()}


def ours(work: Path, database: str) -> Measured:
    """The import, once more, then a district moved and two bureaus merged."""
    from mingjian.domain.clock import SystemClock
    from mingjian.organisation import change, import_register
    from mingjian.store import db

    engine, clock = db.connect(database), SystemClock()
    db.upgrade(engine)
    said: dict[str, float] = {}

    def load() -> Any:
        return import_register(engine, clock, work / "units.csv", work / "users.csv", actor="bench")

    first = _timed(said, "seconds", load)
    said["peak_mb"] = _peak_mb()
    again = _timed(said, "again_seconds", load)
    why = change.decide(clock, "bench", "bench")
    with engine.begin() as conn:
        said["moved"] = _timed(said, "move_seconds", lambda: change.move(conn, "150102", "150100-audit", why))
    with engine.begin() as conn:
        merged = ["150103-water", "150103-power"]
        _timed(said, "merge_seconds", lambda: change.merge(conn, merged, "150103-gas", why))
    said["taken"] = first.units.new + first.users.new
    said["changed_again"] = sum(c.new + c.changed + c.rejected for c in (again.units, again.users))
    return said


def _timed(said: dict[str, float], name: str, do: Any) -> Any:
    started = time.monotonic()
    done = do()
    said[name] = time.monotonic() - started
    return done


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def _print(report: Measured) -> None:
    table = Table("", "bare", "ours", "ratio", title=f"{report['units']:,} units, {report['users']:,} users")
    for name, label, key in (("seconds", "seconds", "seconds"), ("peak_mb", "peak memory, MB", "memory")):
        values = (report["bare"][name], report["ours"][name], report["ratio"][key])
        table.add_row(label, *(f"{value:.2f}" for value in values))
    for name in ("again_seconds", "move_seconds", "merge_seconds", "moved"):
        table.add_row(name, "", f"{report['ours'][name]:.3f}", "")
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    for promise, holds in report["holds"].items():
        console.print(f"{'✓' if holds else '✗'} {promise}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=45_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--part", choices=["ours", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
