"""A small city through everything: every step is taken, every rule holds, and a damaged store is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from mingjian.cli import app
from mingjian.domain.errors import MingjianError
from mingjian.domain.roles import Role
from mingjian.domain.warning import TRANSITIONS
from mingjian.simulate import place
from mingjian.simulate.figures import Figures
from mingjian.simulate.people import TURNS
from mingjian.simulate.run import check_again, simulate
from mingjian.simulate.sayings import SAYINGS
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.wrong import Wrong
from mingjian.store import db

SMALL = Scenario(units=24, days=24, warnings=56, pace=0.1, bad=0.1, every_step=True)
TINY = Scenario(units=12, days=4, warnings=8, pace=0.1, bad=0.2)


@pytest.fixture(scope="module")
def soak(
    server_url: str, repo_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Figures, Engine]]:
    """The figures of the small city's run, and the store that it left."""
    home = tmp_path_factory.mktemp("soak")
    with place.own_database(server_url, "soak") as url:
        figures = simulate(SMALL, url, home, repo_root)
        engine = db.connect(url)
        yield figures, engine
        engine.dispose()


def test_every_rule_holds(soak: tuple[Figures, Engine]) -> None:
    figures, _engine = soak
    assert {c.name: c.breaches for c in figures.checks if not c.holds} == {}
    assert sum(figures.warnings.values()) == SMALL.warnings


def test_every_step_that_people_can_take_was_taken(soak: tuple[Figures, Engine]) -> None:
    _figures, engine = soak
    with engine.connect() as conn:
        taken = set(conn.scalars(text("SELECT DISTINCT action FROM order_step WHERE actor <> 'system'")))
    of_people = {t.action for t in TRANSITIONS if set(t.roles) != {Role.SYSTEM}}
    assert of_people <= taken


def test_every_role_of_the_workflow_acted(soak: tuple[Figures, Engine]) -> None:
    figures, _engine = soak
    acted = {role for role, _action in figures.tally.taken}
    assert acted >= {"R1", "R2", "R3", "R4", "R5", "R6", "R7"}


def test_wrong_requests_were_put_in_every_way_and_none_was_let_through(soak: tuple[Figures, Engine]) -> None:
    figures, _engine = soak
    assert set(figures.tally.bad) == set(Wrong)
    assert not figures.tally.let_through


def test_nothing_was_offered_that_the_tables_do_not_know(soak: tuple[Figures, Engine]) -> None:
    figures, _engine = soak
    assert not figures.tally.unknown


def test_every_message_was_received_once_or_stands_in_a_digest(soak: tuple[Figures, Engine]) -> None:
    figures, _engine = soak
    m = figures.messages
    assert m.holds and m.sent and m.all == m.sent + m.digested + m.waiting + m.dead


def test_an_order_moved_by_hand_is_named(soak: tuple[Figures, Engine]) -> None:
    _figures, engine = soak
    with engine.begin() as conn:
        moved = conn.scalar(text("SELECT min(warning_id) FROM supervision_order WHERE state = 'closed'"))
        conn.execute(
            text("UPDATE supervision_order SET state = 'issued' WHERE warning_id = :w"), {"w": moved}
        )
    found = check_again(engine.url.render_as_string(hide_password=False))
    assert {c.name: c.breaches for c in found.checks if not c.holds} == {"order_astray": [moved]}


def test_the_same_seed_gives_the_same_figures_however_many_work(
    server_url: str, repo_root: Path, tmp_path: Path
) -> None:
    runs = []
    for n, (seed, workers) in enumerate(((7, 1), (7, 2), (8, 1))):
        scenario = Scenario(**{**vars(TINY), "seed": seed})
        with place.own_database(server_url, f"seed_{n}") as url:
            runs.append(simulate(scenario, url, tmp_path, repo_root, workers).repeated())
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def mingjian(*words: str) -> Result:
    return CliRunner().invoke(app, ["--lang", "en", "simulate", "--database", "sim_cli", *words])


def test_the_command_keeps_a_store_finds_it_damaged_and_says_so(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGJIAN_DATABASE_URL", server_url)
    monkeypatch.setenv("MINGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    sheet = tmp_path / "units.csv"
    size = ("--units", "12", "--days", "4", "--warnings", "6", "--pace", "0.1")
    done = mingjian(*size, "--csv", str(sheet), "--keep")
    assert done.exit_code == 0, done.output
    assert "6 orders, handled" in done.output and "seed 20261" in done.output
    assert sheet.read_text(encoding="utf-8-sig").startswith("unit,name,orders,closed")
    assert mingjian("--check").exit_code == 0
    engine = db.connect(place.kept_database(server_url, "sim_cli"))
    with engine.begin() as conn:
        conn.execute(text("UPDATE supervision_order SET state = 'frozen' WHERE id = 'DW0000001'"))
    engine.dispose()
    damaged = mingjian("--check")
    assert damaged.exit_code == 1
    assert "W0000001" in damaged.output


def test_a_database_that_is_not_its_own_is_left_alone(server_url: str) -> None:
    url = db.create_database(server_url, "somebodys")
    with pytest.raises(MingjianError, match="somebodys"), place.own_database(server_url, "somebodys"):
        pass
    with db.connect(url).connect() as conn:
        assert conn.scalar(text("SELECT 1")) == 1


def test_every_step_of_the_turns_has_words() -> None:
    assert {way.action for turn in TURNS for way in turn.ways} - SAYINGS.keys() == set()
