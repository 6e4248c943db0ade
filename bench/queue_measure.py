"""The queue at a million open orders, against what was promised (issue 5).

Two stores on one server are filled with the same kind of city, a small one and a large one (`queue_fill.py`). Measured,
always interleaved with what it is compared to:

- steps: a bare `UPDATE … RETURNING` with its commit, and then one step of `supervise.act` (sign, accept, start
  verifying, draft), each in a transaction of its own, on orders drawn at random;
- steps per second of one and of four processes at once, because the audit chain lets one writer commit at a time;
- lists: first pages and deep pages with the filters and readers of pages and programs, in both stores by turns (`queue_lists.py`);
- the sweep of the one order in a hundred that is due, and the dispatch of 10,000 triaged warnings.

Writes `bench/results/queue.json`, prints a table, exits with 1 when a promise is broken. Times depend on the machine:
the promises are ratios where they can be.

    python bench/queue.py [--orders 1000000] [--small 10000] [--rounds 150] [--work DIR] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from queue_fill import NOW, add_triaged, fill
from queue_lists import SEED, in_ms, measure_lists, say, spread
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, select, text

from mingjian.content import Content, yamlfile
from mingjian.content.loader import shipped_policy
from mingjian.domain.clock import MovableClock
from mingjian.domain.roles import Role
from mingjian.domain.sector import Sector
from mingjian.domain.terms import Terms
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db, embedded
from mingjian.store.tables import warning
from mingjian.supervise import act, dispatch
from mingjian.supervise.calendar import CITY_CALENDAR
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.sweep import sweep_due

RESULTS = Path(__file__).parent / "results" / "queue.json"
REPO = Path(__file__).parents[1]
TERMS = Terms(shipped_policy(), CITY_CALENDAR)
STEP_LIMIT, LIST_LIMIT, SWEEP_LIMIT_S, DISPATCH_LIMIT_S = 10, 2, 10, 30
TO_DISPATCH = 10_000
WRITERS = 4
BARE = text("UPDATE supervision_order SET version = version + 1 WHERE id = :id RETURNING version")
STEPS = {
    "sign": ("dispatched", {}),
    "accept": ("signed", {}),
    "start_verifying": ("accepted", {"note": "已联系"}),
    "draft_finding": ("verifying", {"note": "属实"}),
}
BENCH = Actor("bench", Role.R1)
Measured = dict[str, Any]


def main() -> int:
    args = _arguments()
    base = Path(tempfile.mkdtemp(prefix="mingjian-bench-", dir=args.work))
    base.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    try:
        with _stores(args, base) as (small, large):
            report = measure(args, base, small, large)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _print(report)
    return 0 if all(p["kept"] for p in report["promises"]) else 1


@contextmanager
def _stores(args: argparse.Namespace, base: Path) -> Iterator[tuple[Engine, Engine]]:
    server = args.database or embedded.start(base)
    engines = []
    for number in (args.small, args.orders):
        engine = db.connect(db.create_database(server, f"queue_{number}"))
        db.upgrade(engine)
        with engine.connect() as conn:
            filled = conn.scalar(text("SELECT count(*) FROM supervision_order"))
        if not filled:
            started = time.monotonic()
            fill(engine, number)
            say(f"{number:,} orders filled in {time.monotonic() - started:.0f} s")
        engines.append(engine)
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def measure(args: argparse.Namespace, base: Path, small: Engine, large: Engine) -> Measured:
    load = os.getloadavg()  # other work on the machine makes every second longer
    lists = measure_lists(small, large, args.rounds)
    say("lists measured")
    steps = measure_steps(large, args.rounds * 4)
    say(f"steps: {steps}")
    rates = {str(n): measure_writers(large, n, args.rounds) for n in (1, WRITERS)}
    say(f"steps per second by writers: {rates}")
    sweep = _timed(lambda: sweep_due(large, MovableClock(NOW), TERMS))
    say(f"sweep: {sweep}")
    with large.connect() as conn:
        numbered = conn.scalar(text("SELECT count(*) FROM warning")) or 0
    add_triaged(large, numbered + 1, TO_DISPATCH)
    sent = _timed(lambda: dispatch(_run(large, base), "subsidy"))
    say(f"dispatch: {sent}")
    worst = max(lists, key=lambda name: lists[name]["ratio"])
    version = large.connect().scalar(text("SHOW server_version"))
    return {
        "orders": args.orders,
        "small": args.small,
        "cpus": os.cpu_count(),
        "load": [round(n, 1) for n in load],
        "postgresql": version,
        "promises": [
            _promise("step p95 / bare UPDATE p95", steps["ratio"], STEP_LIMIT),
            _promise(f"list p95 / at {args.small:,}: {worst}", lists[worst]["ratio"], LIST_LIMIT),
            _promise(f"sweep of {sweep['counts']['checked']:,} due, s", sweep["seconds"], SWEEP_LIMIT_S),
            _promise(f"dispatch of {sent['counts']['dispatched']:,}, s", sent["seconds"], DISPATCH_LIMIT_S),
        ],
        "steps": steps,
        "steps_per_second_by_writers": rates,
        "lists": lists,
        "sweep": sweep,
        "dispatch": sent,
    }


def _promise(name: str, value: float, limit: float) -> Measured:
    return {"name": name, "value": round(value, 2), "limit": limit, "kept": value <= limit}


def measure_steps(engine: Engine, count: int) -> Measured:
    """p50 and p95 in ms of bare updates and of steps, one after the other; `ratio` is that of the p95."""
    drawn = random.Random(SEED)  # noqa: S311 - a seed that anybody can draw again
    planned = _plan(engine, drawn, count)
    others = [f"D{id}" for id, _action in _plan(engine, drawn, count)]
    bare, steps = [], []
    for other, (id, action) in zip(others, planned, strict=True):
        bare.append(in_ms(partial(_bare, engine, other)))
        steps.append(in_ms(partial(_step, engine, id, action)))
    found = {"bare": spread(bare), "step": spread(steps)}
    return {**found, "ratio": round(found["step"]["p95"] / found["bare"]["p95"], 2), "measured": count}


def _plan(engine: Engine, drawn: random.Random, count: int) -> list[tuple[str, str]]:
    """(warning, step that may be taken on it), drawn at random from the whole store; no warning twice."""
    planned: list[tuple[str, str]] = []
    each = -(-count // len(STEPS))
    with engine.connect() as conn:
        for action, (state, _said) in STEPS.items():
            ids = list(conn.execute(select(warning.c.id).where(warning.c.status == state)).scalars())
            planned += [(id, action) for id in drawn.sample(ids, min(each, len(ids)))]
    drawn.shuffle(planned)
    return planned[:count]


def _bare(engine: Engine, order: str) -> None:
    with engine.begin() as conn:
        conn.execute(BARE, {"id": order}).scalar_one()


def _step(engine: Engine, id: str, action: str) -> None:
    with engine.begin() as conn:
        act(conn, MovableClock(NOW), id, action, BENCH, Said(**STEPS[action][1]), terms=TERMS)


def measure_writers(engine: Engine, writers: int, count: int) -> float:
    """Steps per second of this many processes at once, `count` steps each, on orders that no other one takes."""
    planned = _plan(engine, random.Random(SEED + writers), writers * count)  # noqa: S311 - a seed that anybody can draw again
    url = engine.url.render_as_string(hide_password=False)
    shares = [(url, planned[n::writers]) for n in range(writers)]
    with ProcessPoolExecutor(writers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_write, [(url, [])] * writers))  # started and imported before the clock runs
        started = time.monotonic()
        list(pool.map(_write, shares))
        return round(len(planned) / (time.monotonic() - started), 1)


def _write(share: tuple[str, list[tuple[str, str]]]) -> None:
    url, planned = share
    engine = db.connect(url)
    for id, action in planned:
        _step(engine, id, action)
    engine.dispose()


def _run(engine: Engine, base: Path) -> Run:
    sectors = [yamlfile.read(path, Sector) for path in sorted((REPO / "sectors").glob("*.yaml"))]
    content = Content(REPO, {s.sector: s for s in sectors}, models={})
    clock = MovableClock(NOW)
    return Run(clock.now().date(), clock, base, content, {}, base, Lake(base / "lake"), engine)


def _timed(work: Callable[[], dict[str, int]]) -> Measured:
    started = time.monotonic()
    counts = work()
    return {"seconds": round(time.monotonic() - started, 2), "counts": counts}


def _print(report: Measured) -> None:
    console = Console(width=None if sys.stdout.isatty() else 110)
    lists = Table(
        "list", "p95 small, ms", "p95 large, ms", "ratio", title=f"{report['orders']:,} open orders"
    )
    for name, found in report["lists"].items():
        lists.add_row(name, *(f"{found[s]['p95']:.1f}" for s in ("small", "large")), f"{found['ratio']:.2f}")
    promises = Table("promise", "measured", "at most", "", title=f"PostgreSQL {report['postgresql']}")
    for p in report["promises"]:
        promises.add_row(p["name"], f"{p['value']:.2f}", f"{p['limit']}", "kept" if p["kept"] else "BROKEN")
    console.print(lists, promises)
    console.print(f"load of the machine when it began: {report['load']} on {report['cpus']} processors")
    console.print(f"steps per second by writers at once: {report['steps_per_second_by_writers']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1_000_000, help="open orders in the large store")
    parser.add_argument("--small", type=int, default=10_000, help="open orders in the small store")
    parser.add_argument("--rounds", type=int, default=150, help="times that each list is read")
    parser.add_argument("--work", type=Path, help="where to put the stores (default: the temporary folder)")
    parser.add_argument("--database", help="administrator URL of another server; databases stay there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
