"""How the main path grows with the city: seconds per stage and peak memory at each number of people.

For each size a sample city is built and walked from its sources to the outbox, each in a fresh process with a home
(and so an embedded PostgreSQL) of its own. Writes `bench/results/path.json`, prints a table, and exits with 1 when
the whole path's time grows more than a tenth faster than the city (2.2 times for twice the people).

    python bench/path.py [--people 350000 700000] [--work DIR]

Memory is the peak resident set of the Python process; PostgreSQL runs beside it and is not counted. Seconds depend
on the machine and on what else it does: compare ratios, never seconds of two machines.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SIZES = (350_000, 700_000)
SEED = 7
AS_OF = date(2026, 6, 30)
SLACK = 1.1
RESULTS = Path(__file__).parent / "results" / "path.json"

Measured = dict[str, Any]


def main() -> int:
    args = _arguments()
    if args.part:
        part = {"build": build_one, "walk": walk_one}[args.part]
        args.answer.write_text(json.dumps(part(args.people[0], args.work)), encoding="utf-8")
        return 0
    base = Path(tempfile.mkdtemp(prefix="mingjian-bench-", dir=args.work))
    base.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    try:
        sizes = [measure(people, base / str(people)) for people in sorted(args.people)]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    first, last = sizes[0], sizes[-1]
    limit = SLACK * last["people"] / first["people"]
    growth = last["seconds"] / first["seconds"]
    RESULTS.parent.mkdir(exist_ok=True)
    report = {"cpus": os.cpu_count(), "limit": limit, "growth": round(growth, 3), "sizes": sizes}
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(sizes, growth, limit)
    failed = [f"{size['people']}: {error}" for size in sizes for error in size["errors"]]
    print(*failed, sep="\n")
    return 1 if failed or growth > limit else 0


def measure(people: int, place: Path) -> Measured:
    """Build and walk the city of `people` below `place`; each part in its own process, so that peaks do not mix."""
    place.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith("MINGJIAN_")}
    env["MINGJIAN_HOME"] = str(place / "var")
    parts = {}
    for part in ("build", "walk"):
        answer = place / f"{part}.json"
        command = [sys.executable, __file__, "--part", part, "--people", str(people)]
        subprocess.run([*command, "--work", str(place), "--answer", str(answer)], env=env, check=True)
        parts[part] = json.loads(answer.read_text(encoding="utf-8"))
    shutil.rmtree(place)
    return {"people": people, "build": parts["build"], **parts["walk"]}


def build_one(people: int, place: Path) -> Measured:
    """Write the sample city; seconds, rows by kind and peak memory in MB."""
    from mingjian.sample import build_city

    started = time.monotonic()
    rows = build_city(place / "city", people, SEED, AS_OF)
    return {"seconds": round(time.monotonic() - started, 1), "rows": rows, "peak_mb": _peak_mb()}


def walk_one(people: int, place: Path) -> Measured:
    """Walk the whole path over the city; seconds by stage, key and model, counts by stage, peak memory in MB."""
    from mingjian import flow
    from mingjian.run import open_run
    from mingjian.sample.attach import city_services

    run = open_run(place / "city", AS_OF)
    stages: defaultdict[str, float] = defaultdict(float)
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    keys: dict[str, float] = {}
    errors = []
    with city_services(run.sources_dir):
        for done in flow.walk(run, flow.sectors_of(run)):
            name = f"{done.stage} {done.key}"
            said = f"{people:>9,}  {done.seconds:8.2f} s  {name}  {_peak_mb()} MB"
            print(said, file=sys.stderr, flush=True)
            stages[done.stage] += done.seconds
            if name not in keys:  # sectors share sources and tables; their rows count once
                for count, n in done.counts.items():
                    counts[done.stage][count] += n
            keys[name] = round(keys.get(name, 0) + done.seconds, 2)
            errors += [f"{name}: {done.error}"] if done.error else []
    return {
        "seconds": round(sum(stages.values()), 2),
        "peak_mb": _peak_mb(),
        "stages": {stage: round(seconds, 2) for stage, seconds in stages.items()},
        "counts": counts,
        "keys": keys,
        "models": _models(run),
        "errors": errors,
    }


def _models(run: Any) -> dict[str, float]:
    from sqlalchemy import select

    from mingjian.store.tables import model_run

    with run.engine.connect() as conn:
        rows = conn.execute(select(model_run.c.model_id, model_run.c.seconds).order_by(model_run.c.model_id))
        return {row.model_id: float(row.seconds) for row in rows}


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def _print(sizes: list[Measured], growth: float, limit: float) -> None:
    table = Table("", *(f"{size['people']:,}" for size in sizes), "growth", title="seconds by stage")
    for stage in sizes[0]["stages"]:
        _row(table, stage, [size["stages"].get(stage, 0.0) for size in sizes])
    table.add_section()
    _row(table, "whole path", [size["seconds"] for size in sizes])
    _row(table, "rows read", [size["counts"]["pull"].get("rows_read", 0) for size in sizes], "{:,}")
    _row(table, "peak memory, MB", [size["peak_mb"] for size in sizes], "{:,}")
    _row(table, "building the city", [size["build"]["seconds"] for size in sizes])
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    console.print(f"whole path: {growth:.2f} times, at most {limit:.2f} allowed")


def _row(table: Table, name: str, values: list[float], style: str = "{:.1f}") -> None:
    ratio = f"{values[-1] / values[0]:.2f}" if values[0] else "-"
    table.add_row(name, *(style.format(value) for value in values), ratio)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=list(SIZES), help="sizes of the city")
    parser.add_argument("--work", type=Path, help="where to put the cities (default: the temporary folder)")
    parser.add_argument("--part", choices=["build", "walk"], help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
