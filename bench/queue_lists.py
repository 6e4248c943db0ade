"""The lists of `queue_measure.py`: what pages and programs ask for, and how long it takes in both stores."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from queue_fill import DISTRICTS, MODELS, UNITS, settle
from sqlalchemy import ColumnElement, Connection, Engine, select

from mingjian.domain.level import Level
from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.store import due_queue, order_queue, queue
from mingjian.store.identity import User
from mingjian.store.order_queue import OrderFilters, Scope
from mingjian.store.queue import Cursor, Filters
from mingjian.store.tables import warning
from mingjian.web.access import Access, access_of

SEED = 5
OPEN = tuple(s.value for s in WarningState if s not in CLOSED_STATES and s is not WarningState.RECORDED)
READERS = {
    "inspector": User("i", "i", "R4", "city"),
    "district": User("d", "d", "R4", "own_region", region_code="150105"),
    "line": User("l", "l", "R5", "line", line_code="line7"),
    "clerk": User("c", "c", "R1", "own_org", unit_id="u77", units=("u77",)),
    "lead": User("h", "h", "R9", "own_org", unit_id="d3", unit_path="/city/d3/"),
}


def _by_level(conn: Connection, access: Access, filters: Filters, after: Cursor | None) -> object:
    return queue.page(conn, access.rows, filters, after)


def _by_clock(conn: Connection, access: Access, filters: Filters, after: None) -> object:
    return due_queue.page(conn, Scope(access.rows, access.orders), filters, after)


def _orders(conn: Connection, access: Access, filters: OrderFilters, after: None) -> object:
    return order_queue.page(conn, Scope(access.rows, access.orders), filters, after, queue.PAGE + 1)


class Listing(NamedTuple):
    """One list as pages or programs ask for it; the filters are drawn anew each time."""

    reader: str
    draw: Callable[[random.Random], Any]
    deep: bool = False
    read: Callable[..., object] = _by_level


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
    "clerk, by the clock": Listing("clerk", lambda r: _open(), read=_by_clock),
    "clerk, level, by the clock": Listing(
        "clerk", lambda r: _open(level=r.choice(list(Level))), read=_by_clock
    ),
    "orders, clerk": Listing("clerk", lambda r: OrderFilters(), read=_orders),
    "orders, inspector": Listing("inspector", lambda r: OrderFilters(), read=_orders),
    "orders, district": Listing("district", lambda r: OrderFilters(), read=_orders),
    "orders, line": Listing("line", lambda r: OrderFilters(), read=_orders),
    "orders, unit": Listing("inspector", lambda r: OrderFilters(unit=_unit(r)), read=_orders),
    "orders, state": Listing(
        "inspector", lambda r: OrderFilters(state=r.choice(["issued", "rectifying"])), read=_orders
    ),
    "orders, absent state": Listing("inspector", lambda r: OrderFilters(state="reopened"), read=_orders),
    "orders, light": Listing(
        "inspector", lambda r: OrderFilters(light=r.choice(["register", "alarm"])), read=_orders
    ),
    "orders, tier": Listing("inspector", lambda r: OrderFilters(tier=r.choice([1, 2, 3])), read=_orders),
    "orders, light and tier": Listing(
        "inspector", lambda r: OrderFilters(light="register", tier=2), read=_orders
    ),
}


def _model(r: random.Random) -> str:
    return f"model.m{r.randrange(MODELS)}"


def _unit(r: random.Random) -> str:
    return f"u{r.randrange(1, UNITS - DISTRICTS)}"


def _district(r: random.Random) -> str:
    return str(150102 + r.randrange(DISTRICTS))


def measure_lists(small: Engine, large: Engine, rounds: int) -> dict[str, Any]:
    """For each list p50 and p95 in ms in both stores; `ratio` is that of the p95.

    Each list is drawn `rounds` times and read twice. The first reading fetches from the disk what no cache holds, and
    is told apart as `first_p95`: it measures the disk, not the list.
    """
    settle(large)
    found = {}
    for name, listing in LISTINGS.items():
        access = access_of(READERS[listing.reader])
        drawn = random.Random(SEED)  # noqa: S311 - a seed that anybody can draw again
        asked = [listing.draw(drawn) for _ in range(rounds)]
        sides = {"small": small, "large": large}
        after = {size: _deep(engine, access.rows) if listing.deep else None for size, engine in sides.items()}
        readings: list[dict[str, list[float]]] = []
        for _reading in range(2):
            times: dict[str, list[float]] = {"small": [], "large": []}
            for filters in asked:
                for size, engine in sides.items():
                    times[size].append(in_ms(partial(_page, engine, listing, access, filters, after[size])))
            readings.append(times)
        first, warm = readings
        found[name] = {
            size: {**spread(warm[size]), "first_p95": spread(first[size])["p95"]} for size in sides
        }
        found[name]["ratio"] = round(found[name]["large"]["p95"] / found[name]["small"]["p95"], 2)
        say(f"{name}: {found[name]}")
    return found


def _page(engine: Engine, listing: Listing, access: Access, filters: Any, after: Cursor | None) -> None:
    with engine.connect() as conn:
        listing.read(conn, access, filters, after)


def _deep(engine: Engine, scope: ColumnElement[bool]) -> Cursor:
    """The key in the middle of the whole list."""
    w = warning.c
    with engine.connect() as conn:
        row = conn.execute(
            select(w.level_rank, w.queue_key, w.id).where(scope, w.level_rank == 2).order_by(w.id).limit(1)
        ).one()
    return Cursor(row.level_rank, row.queue_key, row.id)


def in_ms(work: Callable[[], None]) -> float:
    """How long this takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def spread(times: list[float]) -> dict[str, float]:
    """p50 and p95 of some times."""
    ordered = sorted(times)
    return {"p50": round(median(ordered), 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2)}


def say(words: str) -> None:
    """Tell whoever waits how far it is."""
    print(words, file=sys.stderr, flush=True)
