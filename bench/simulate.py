"""A year of a city on a moved clock: `python bench/simulate.py [--units 2500 --days 365 --warnings 40000 --workers 2]`.

People of every role work through the real API; the service runs at its hours; every rule is checked at the end. Beside it
stand as many bare commits of one INSERT and one UPDATE each as people took steps, over the same store: what the
database alone would have taken. The ratio of both is what the service costs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from mingjian.simulate import place
from mingjian.simulate.day import Simulation
from mingjian.simulate.figures import Figures
from mingjian.simulate.run import simulate
from mingjian.simulate.scenario import Scenario
from mingjian.store import db

REPO = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "simulate.json"
MOST_BARE = 20_000  # so many are measured; the whole is their multiple


def main() -> int:
    args = _arguments()
    scenario = Scenario(args.units, args.days, args.warnings, args.seed)
    base = Path(tempfile.mkdtemp(prefix="mingjian-bench-", dir=args.work))
    base.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    load = [round(n, 1) for n in os.getloadavg()]
    try:
        server = args.database or place.server_url(base)
        with place.own_database(server, "bench_simulate") as url:
            started = time.monotonic()
            figures = simulate(scenario, url, base, REPO, args.workers, _tell(started))
            seconds = time.monotonic() - started
            steps = sum(figures.tally.taken.values())
            bare = _bare(url, steps)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    report = _report(args, figures, steps, seconds, bare, load)
    args.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0 if figures.hold else 1


def _tell(started: float) -> Any:
    def tell(day: date, running: Simulation) -> None:
        if day.day == 1:
            gone = time.monotonic() - started
            print(
                f"{day} {running.arrived:,} warnings, {running.steps:,} steps, {gone:.0f} s", file=sys.stderr
            )

    return tell


def _bare(url: str, steps: int) -> float:
    """Seconds for as many commits of one INSERT and one UPDATE each, one after the other."""
    engine, measured = db.connect(url), min(steps, MOST_BARE)
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE bare (id bigint PRIMARY KEY, said text, state int)"))
        conn.execute(text("INSERT INTO bare SELECT n, 'kept', 0 FROM generate_series(1, 1000) n"))
    started = time.monotonic()
    for n in range(measured):
        with engine.begin() as conn:
            conn.execute(text("INSERT INTO bare VALUES (:id, 'step', 0)"), {"id": 1_001 + n})
            conn.execute(text("UPDATE bare SET state = state + 1 WHERE id = :id"), {"id": 1 + n % 1_000})
    seconds = time.monotonic() - started
    engine.dispose()
    return seconds * steps / max(measured, 1)


def _report(
    args: argparse.Namespace, figures: Figures, steps: int, seconds: float, bare: float, load: list[float]
) -> dict[str, Any]:
    asked, whole = sum(figures.tally.asked.values()), figures.whole
    return {
        "scenario": {"units": args.units, "days": args.days, "warnings": args.warnings, "seed": args.seed},
        "workers": args.workers,
        "cpus": os.cpu_count(),
        "load": load,  # other work on the machine makes every second longer
        "seconds": round(seconds, 1),
        "steps": steps,
        "requests": asked,
        "steps_per_second": round(steps / seconds, 1),
        "requests_per_second": round(asked / seconds, 1),
        "bare_commits_seconds": round(bare, 1),
        "ratio": round(seconds / bare, 1),
        "orders": whole.orders,
        "handling_rate": whole.handling_rate,
        "on_time_rate": whole.on_time_rate,
        "satisfaction_rate": whole.satisfaction_rate,
        "warnings": figures.warnings,
        "lights": figures.lights,
        "rungs": figures.rungs,
        "tiers": figures.tiers,
        "cards": figures.cards,
        "messages": vars(figures.messages),
        "wrong_on_purpose": sum(figures.tally.bad.values()),
        "let_through": sum(figures.tally.let_through.values()),
        "rules": {check.name: check.breaches for check in figures.checks},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=2_500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--warnings", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=20_261)
    parser.add_argument("--workers", type=int, default=2, help="processes in which people work")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--work", type=Path, help="where to put the store (default: the temporary folder)")
    parser.add_argument("--database", help="administrator URL of another server")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
