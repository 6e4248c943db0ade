"""What a token stands for is kept only where the city says so, and then for every identifier of every source."""

from __future__ import annotations

import pytest
from pull_city import GOOD, City, csv_of
from sqlalchemy import delete, func, select

from mingjian.store.tables import vault
from mingjian.store.vault import Original, Vault

ROW = GOOD.replace("11010119900307782X", "110101199003077803")


@pytest.fixture(autouse=True)
def empty(city: City) -> None:
    """The database is shared, the keys are not: begin without what other tests kept."""
    with city.run.engine.begin() as conn:
        conn.execute(delete(vault))


def _kept(city: City) -> int:
    with city.run.engine.connect() as conn:
        return int(conn.execute(select(func.count()).select_from(vault)).scalar_one())


def test_nothing_is_kept_unless_said(city: City) -> None:
    city.write("payouts.csv", csv_of(ROW))
    city.pull()
    assert _kept(city) == 0


def test_turned_on_later_it_keeps_what_was_pulled_before(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.write("payouts.csv", csv_of(ROW))
    city.pull()
    monkeypatch.setenv("MINGJIAN_VAULT", "on")
    city.pull()
    row = city.rows()[-1]
    tokens = [row["person_id"], row["account_hash"]]
    with city.run.engine.connect() as conn:
        found = Vault(city.run.home).read_many(conn, tokens)
    assert [found[token] for token in tokens] == [
        Original("person", "110101199003077803"),
        Original("account", "6222020200112230"),
    ]


def test_the_same_pull_again_keeps_nothing_twice(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGJIAN_VAULT", "on")
    city.write("payouts.csv", csv_of(ROW))
    city.pull()
    city.pull()
    assert _kept(city) == 2
