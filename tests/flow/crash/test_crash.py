"""Processes killed at random moments and a database restarted under load: nothing is lost, nothing happens twice.

The workers are real processes on a real server of this module's own. Each test draws its moments from a seed and
prints it, and takes MINGJIAN_CRASH_SEED to run the same draw again.
"""

from __future__ import annotations

import atexit
import os
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select
from tests.flow.crash.crash_server import Server
from tests.flow.crash.crash_workers import PLAN, WORK, Town, start
from tests.flow.supervise.supervise_queue import city_time, warning_row

from mingjian.store import db, embedded, invariants
from mingjian.store.outbox import accounted
from mingjian.store.tables import order_step, outbox, unit, warning

KILLS = 50
RESTARTS = 4
WARNINGS = (
    400  # at first; as many as ARRIVE come after each kill, so that there is always something to dispatch
)
ARRIVE = 12
UNITS = 12
OF_EACH = 2
START = city_time(3, 2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that may be shot without harm to the other tests."""
    home = tmp_path_factory.mktemp("crash")
    atexit.register(shutil.rmtree, embedded.data_dir(home), ignore_errors=True)
    return Server(embedded.start(home), embedded.data_dir(home))


@pytest.fixture
def town(server: Server, tmp_path: Path, repo: Path, request: pytest.FixtureRequest) -> Town:
    """A database with triaged and new warnings for a dozen units, none dispatched yet."""
    name = re.sub(r"\W", "_", request.node.name)
    url = db.create_database(server.url, name)
    engine = db.connect(url)
    db.upgrade(engine)
    units = [
        {
            "id": f"U{n}",
            "path": f"/U{n}/",
            "name": f"U{n}",
            "level": "district",
            "line_code": "civil_affairs",
            "region_code": str(150100 + n),
        }
        for n in range(1, UNITS + 1)
    ]
    with engine.begin() as conn:
        conn.execute(insert(unit), units)
    found(engine, START, 0, WARNINGS)
    engine.dispose()
    made = Town(url, tmp_path, repo)
    made.set_clock(START)
    return made


def found(engine: Engine, now: datetime, first: int, count: int) -> None:
    """New warnings, as the warn stage leaves them."""
    rows = [
        warning_row(n, now, {"district_code": str(150101 + n % UNITS), "level": "高中低"[n % 3]})
        for n in range(first, first + count)
    ]
    with engine.begin() as conn:
        conn.execute(insert(warning), rows)


@pytest.fixture
def engine(town: Town) -> Iterator[Engine]:
    engine = db.connect(town.url)
    yield engine
    engine.dispose()


@pytest.fixture
def drawn() -> random.Random:
    seed = int(os.environ.get("MINGJIAN_CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"MINGJIAN_CRASH_SEED={seed}")
    return random.Random(seed)  # noqa: S311


def test_fifty_kills_and_a_restarted_server_lose_and_double_nothing(
    town: Town, engine: Engine, server: Server, drawn: random.Random
) -> None:
    workers = [(kind, start(town, kind)) for kind in WORK for _ in range(OF_EACH)]
    restarts = set(drawn.sample(range(KILLS), RESTARTS))
    for kill in range(KILLS):
        time.sleep(drawn.uniform(0.02, 0.4))  # the random moment
        victim = drawn.randrange(len(workers))
        kind, process = workers[victim]
        process.kill()
        process.join()
        town.set_clock(town.now() + timedelta(hours=12))
        if kill in restarts:
            server.crash_and_start()
        found(engine, town.now(), WARNINGS + kill * ARRIVE, ARRIVE)
        workers[victim] = (kind, start(town, kind))
    for _kind, process in workers:
        process.kill()
        process.join()
    assert len(town.noted("acknowledged")) > 0 < len(town.noted("sent"))
    to_the_end(town, engine)
    assert town.noted("failures") == []
    check(town, engine)


def test_two_workers_of_each_kind_at_once_do_everything_once(town: Town, engine: Engine) -> None:
    for moment in (START, city_time(3, 4, 19), city_time(3, 17), city_time(4, 10)):
        town.set_clock(moment)
        workers = [start(town, kind, rounds=3) for kind in WORK for _ in range(OF_EACH)]
        for process in workers:
            process.join()
            assert process.exitcode == 0, town.noted("failures")
    to_the_end(town, engine)
    check(town, engine)
    assert max(Counter(town.noted("sent")).values()) == 1


def to_the_end(town: Town, engine: Engine) -> None:
    """Everything that is still to be done, done in peace."""
    town.set_clock(town.now() + timedelta(days=40))
    for kind in ("dispatcher", "officer", "sweeper", "notifier"):
        WORK[kind](town, engine)
    give_up = time.monotonic() + 60
    while still_waiting(engine) and time.monotonic() < give_up:
        time.sleep(0.2)  # until the leases of killed notifiers have run out
        WORK["notifier"](town, engine)


def still_waiting(engine: Engine) -> int:
    with engine.connect() as conn:
        return accounted(conn).waiting


def check(town: Town, engine: Engine) -> None:
    """The rules of the queue hold; all is dispatched, each acknowledged step is there, each letter left."""
    with engine.connect() as conn:
        assert invariants.broken(conn) == []
        assert accounted(conn).holds
        waiting = conn.scalar(select(func.count()).where(warning.c.status.in_(["new", "triaged"])))
        planned = {action for _role, action, _said in PLAN.values()}
        taken = Counter(
            f"{row.object_id} {row.action}"
            for row in conn.execute(select(order_step).where(order_step.c.action.in_(planned)))
        )
        letters = conn.execute(select(outbox.c.idempotency_key, outbox.c.sent_at)).all()
        issued = conn.scalar(select(func.count()).where(order_step.c.action == "issue"))
        made = conn.scalar(select(func.count()).select_from(warning))
    assert (waiting, issued) == (0, made)
    assert all(sent is not None for _key, sent in letters)
    acknowledged = Counter(town.noted("acknowledged"))
    assert max(acknowledged.values()) == 1 == max(taken.values())
    assert set(acknowledged) <= set(taken)
    assert {key.replace(" ", "_") for key, _sent in letters} == set(town.noted("sent"))
    assert len(list((town.folder / "outbox").glob("*.txt"))) == len(letters)
