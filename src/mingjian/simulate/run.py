"""A run from an empty store to its figures, and a kept one checked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from mingjian.simulate import checks
from mingjian.simulate.day import Simulation
from mingjian.simulate.figures import Figures, gather
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.service import Collector
from mingjian.simulate.start import simulation
from mingjian.simulate.visits import Tally
from mingjian.store import db

Tell = Callable[[date, Simulation], None]


def simulate(
    scenario: Scenario, url: str, home: Path, root: Path, workers: int = 1, tell: Tell = lambda _d, _s: None
) -> Figures:
    """Simulate over the empty, migrated store at `url`; `home` takes keys, `root` holds the content.

    `tell` is called after each day.
    """
    with simulation(scenario, url, home, root, workers) as (running, engine, collector):
        running.run(lambda day: tell(day, running))
        return _figures(running, engine, collector)


def check_again(url: str) -> Figures:
    """The figures of a store that an earlier run left behind, with the rules that the store can tell by itself."""
    engine = db.connect(url)
    try:
        with engine.connect() as conn:
            return gather(conn, checks.of_store(conn), Tally())
    finally:
        engine.dispose()


def _figures(running: Simulation, engine: Engine, collector: Collector) -> Figures:
    with engine.connect() as conn:
        of_run = checks.of_run(
            conn, running.arrived, collector.taken, running.tally.let_through, running.found_again
        )
        return gather(conn, [*checks.of_store(conn), *of_run], running.tally)
