"""Putting a simulation together: an empty store, a city in it, the service, and people at their desks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, insert

from mingjian.content import Content, load_content
from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.simulate import city as made
from mingjian.simulate.day import Simulation
from mingjian.simulate.desk import Office, OwnDesk, clerks, desks
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.service import Collector, Service, post_of
from mingjian.store import db
from mingjian.store.tables import monthly_seed
from mingjian.supervise.recheck.plan import PURPOSE


@contextmanager
def simulation(
    scenario: Scenario, url: str, home: Path, root: Path, workers: int = 1
) -> Iterator[tuple[Simulation, Engine, Collector]]:
    """A simulation that stands before its first day, over the empty, migrated store at `url`.

    With one worker all visits happen in this process; with more, each is a process over the same store.
    """
    content = load_content(root)
    clock = MovableClock(datetime.combine(scenario.first, time(0), CITY_TZ))
    city = made.plan(scenario, content)
    engine = db.connect(url)
    with engine.begin() as conn:
        made.settle(conn, city)
        tokens = made.hand_out(conn, city, scenario.first, clock.now())
        _plant_seeds(conn, scenario, clock.now())
    office = Office(url, home, root, scenario, city, tokens)
    collector = Collector(scenario)
    service = Service(_run(scenario, clock, home, content, engine), post_of(collector))
    with ExitStack() as held:
        people = held.enter_context(clerks(office, content))
        desk = OwnDesk(held.enter_context(clerks(office, content))) if workers <= 1 else None
        several = held.enter_context(desks(office, workers)) if desk is None else desk
        yield Simulation(scenario, city, service, clock, people, several), engine, collector
    engine.dispose()


def _run(scenario: Scenario, clock: MovableClock, home: Path, content: Content, engine: Engine) -> Run:
    return Run(
        as_of=scenario.first,
        clock=clock,
        home=home,
        content=content,
        sources={},
        sources_dir=home,
        lake=Lake(home / "lake"),
        engine=engine,
    )


def _plant_seeds(conn: Connection, scenario: Scenario, now: datetime) -> None:
    """The seeds that re-supervision draws by, from the scenario's: else no run could be repeated."""
    days = [*scenario.dates, scenario.dates[-1] + timedelta(days=31)]
    months = sorted({d.strftime("%Y-%m") for d in days})
    rows = [{"purpose": PURPOSE, "month": m, "seed": _seed(scenario, m), "made_at": now} for m in months]
    conn.execute(insert(monthly_seed), rows)


def _seed(scenario: Scenario, month: str) -> str:
    return hashlib.sha256(f"{scenario.seed}|{month}".encode()).hexdigest()[:32]
