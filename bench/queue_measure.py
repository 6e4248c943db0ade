"""The queue at a million open orders, against what was promised (issue 5).

Two stores on one server are filled with the same kind of city, a small one and a large one (`queue_fill.py`). Measured,
always interleaved with what it is compared to:

- steps: a bare `UPDATE … RETURNING` with its commit, and then one step of `supervise.act` (sign, accept, start
  verifying, draft), each in a transaction of its own, on orders drawn at random;
- steps per second of one and of four processes at once, because the audit chain lets one writer commit at a time;
- lists: first pages and deep pages with the filters and readers of the web pages, in both stores by turns;
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
from statistics import median
from typing import Any, NamedTuple

from queue_fill import DISTRICTS, MODELS, NOW, add_triaged, fill, settle
from rich.console import Console
from rich.table import Table
from sqlalchemy import ColumnElement, Engine, select, text

from mingjian.content import Content, yamlfile
from mingjian.content.loader import shipped_policy
from mingjian.domain.clock import MovableClock
from mingjian.domain.level import Level
from mingjian.domain.roles import Role
from mingjian.domain.sector import Sector
from mingjian.domain.terms import Terms
from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db, embedded, queue
from mingjian.store.identity import User
from mingjian.store.queue import Cursor, Filters
from mingjian.store.tables import warning
from mingjian.supervise import act, dispatch
from mingjian.supervise.calendar import CITY_CALENDAR
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.sweep import sweep_due
from mingjian.web.access import access_of

RESULTS = Path(__file__).parent / "results" / "queue.json"
REPO = Path(__file__).parents[1]
SEED = 5
TERMS = Terms(shipped_policy(), CITY_CALENDAR)
STEP_LIMIT, LIST_LIMIT, SWEEP_LIMIT_S, DISPATCH_LIMIT_S = 10, 2, 10, 30
TO_DISPATCH = 10_000
WRITERS = 4
OPEN = tuple(s.value for s in WarningState if s not in CLOSED_STATES and s is not WarningState.RECORDED)
BARE = text("UPDATE supervision_order SET version = version + 1 WHERE id = :id RETURNING version")
STEPS = {
    "sign": ("dispatched", {}),
    "accept": ("signed", {}),
    "start_verifying": ("accepted", {"note": "已联系"}),
    "draft_finding": ("verifying", {"note": "属实"}),
}
BENCH = Actor("bench", Role.R1)
READERS = {
    "inspector": User("i", "i", "R4", "city"),
    "district": User("d", "d", "R4", "own_region", region_code="150105"),
    "line": User("l", "l", "R5", "line", line_code="line7"),
    "clerk": User("c", "c", "R1", "own_org", unit_id="u77", units=("u77",)),
    "lead": User("h", "h", "R9", "own_org", unit_id="d3", unit_path="/city/d3/"),
}

Measured = dict[str, Any]


class Listing(NamedTuple):
    """One list as a page asks for it; the filters are drawn anew each time."""

    reader: str
    draw: Callable[[random.Random], Filters]
    deep: bool = False


def _open(**more: Any) -> Filters:
    return Filters(statuses=OPEN, **more)


LISTINGS = {
    "inspector, all open": Listing("inspector", lambda r: _open()),
    "inspector, level": Listing("inspector", lambda r: _open(level=r.choice(list(Level)))),
    "inspector, model": Listing("inspector", lambda r: _open(model=_model(r))),
    "inspector, district": Listing("inspector", lambda r: _open(district=_district(r))),
    "inspector, model and district": Listing(
        "inspector", lambda r: _open(model=_model(r), district=_district(r))
    ),
    "inspector, model, district, state": Listing(
        "inspector",
        lambda r: Filters(
            model=_model(r), district=_district(r), statuses=[r.choice(["signed", "evaluating"])]
        ),
    ),
    "inspector, rare state": Listing("inspector", lambda r: Filters(statuses=["evaluating"])),
    "inspector, absent state": Listing("inspector", lambda r: Filters(statuses=["reopened"])),
    "inspector, sector": Listing("inspector", lambda r: _open(sector="realty")),
    "inspector, deep page": Listing("inspector", lambda r: _open(), deep=True),
    "district, all open": Listing("district", lambda r: _open()),
    "district, model and state": Listing(
        "district", lambda r: Filters(model=_model(r), statuses=["confirmed"])
    ),
    "district, waiting for me": Listing("district", lambda r: Filters(statuses=["new", "reported"])),
    "line, all open": Listing("line", lambda r: _open()),
    "clerk, all open": Listing("clerk", lambda r: _open()),
    "clerk, waiting for me": Listing("clerk", lambda r: Filters(statuses=["dispatched", "signed"])),
    "lead, subtree": Listing("lead", lambda r: _open()),
    "lead, subtree and model": Listing("lead", lambda r: _open(model=_model(r))),
}


def _model(r: random.Random) -> str:
    return f"model.m{r.randrange(MODELS)}"


def _district(r: random.Random) -> str:
    return str(150102 + r.randrange(DISTRICTS))


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
            _say(f"{number:,} orders filled in {time.monotonic() - started:.0f} s")
        engines.append(engine)
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def measure(args: argparse.Namespace, base: Path, small: Engine, large: Engine) -> Measured:
    load = os.getloadavg()  # other work on the machine makes every second longer
    lists = measure_lists(small, large, args.rounds)
    _say("lists measured")
    steps = measure_steps(large, args.rounds * 4)
    _say(f"steps: {steps}")
    rates = {str(n): measure_writers(large, n, args.rounds) for n in (1, WRITERS)}
    _say(f"steps per second by writers: {rates}")
    sweep = _timed(lambda: sweep_due(large, MovableClock(NOW), TERMS))
    _say(f"sweep: {sweep}")
    with large.connect() as conn:
        numbered = conn.scalar(text("SELECT count(*) FROM warning")) or 0
    add_triaged(large, numbered + 1, TO_DISPATCH)
    sent = _timed(lambda: dispatch(_run(large, base), "subsidy"))
    _say(f"dispatch: {sent}")
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
        bare.append(_ms(partial(_bare, engine, other)))
        steps.append(_ms(partial(_step, engine, id, action)))
    found = {"bare": _spread(bare), "step": _spread(steps)}
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


def measure_lists(small: Engine, large: Engine, rounds: int) -> Measured:
    """For each list p50 and p95 in ms in both stores; `ratio` is that of the p95.

    Each list is drawn `rounds` times and read twice. The first reading fetches from the disk what no cache holds, and
    is told apart as `first_p95`: it measures the disk, not the list.
    """
    settle(large)
    found = {}
    for name, listing in LISTINGS.items():
        scope = access_of(READERS[listing.reader]).rows
        drawn = random.Random(SEED)  # noqa: S311 - a seed that anybody can draw again
        asked = [listing.draw(drawn) for _ in range(rounds)]
        sides = {"small": small, "large": large}
        after = {size: _deep(engine, scope) if listing.deep else None for size, engine in sides.items()}
        readings: list[dict[str, list[float]]] = []
        for _reading in range(2):
            times: dict[str, list[float]] = {"small": [], "large": []}
            for filters in asked:
                for size, engine in sides.items():
                    times[size].append(_ms(partial(_page, engine, scope, filters, after[size])))
            readings.append(times)
        first, warm = readings
        found[name] = {
            size: {**_spread(warm[size]), "first_p95": _spread(first[size])["p95"]} for size in sides
        }
        found[name]["ratio"] = round(found[name]["large"]["p95"] / found[name]["small"]["p95"], 2)
        _say(f"{name}: {found[name]}")
    return found


def _page(engine: Engine, scope: ColumnElement[bool], filters: Filters, after: Cursor | None) -> None:
    with engine.connect() as conn:
        queue.page(conn, scope, filters, after)


def _deep(engine: Engine, scope: ColumnElement[bool]) -> Cursor:
    """The key in the middle of the whole list."""
    w = warning.c
    with engine.connect() as conn:
        row = conn.execute(
            select(w.level_rank, w.queue_key, w.id).where(scope, w.level_rank == 2).order_by(w.id).limit(1)
        ).one()
    return Cursor(row.level_rank, row.queue_key, row.id)


def _run(engine: Engine, base: Path) -> Run:
    sectors = [yamlfile.read(path, Sector) for path in sorted((REPO / "sectors").glob("*.yaml"))]
    content = Content(REPO, {s.sector: s for s in sectors}, models={})
    clock = MovableClock(NOW)
    return Run(clock.now().date(), clock, base, content, {}, base, Lake(base / "lake"), engine)


def _timed(work: Callable[[], dict[str, int]]) -> Measured:
    started = time.monotonic()
    counts = work()
    return {"seconds": round(time.monotonic() - started, 2), "counts": counts}


def _ms(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": round(median(ordered), 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2)}


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


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
