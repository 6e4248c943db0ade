"""A city of each test's own over the API: what a test does stays in its database, and is emptied after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import Engine, insert, text
from web_city import ACCOUNTS, PASSWORD, UNITS, fill

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.store import db
from mingjian.store.tables import metadata, unit
from mingjian.store.users import create_user
from mingjian.web.app import create_app

MORE = {
    "dispatcher": ("分办员", "R3", None, "city"),
    "dispatcher_b": ("分办员乙", "R3", "db", "own_region"),
    "steward": ("模型管理员", "R9", None, "city"),
    "lead": ("单位负责人", "R2", "ca-a", "own_org"),
    "inspector_2": ("纪检员乙", "R4", None, "city"),
}


@pytest.fixture(scope="module")
def api_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = db.connect(db.create_database(server_url, request.module.__name__.replace(".", "_")))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def api_app(
    api_engine: Engine, web_content: Content, tmp_path: Path, clock: MovableClock
) -> Iterator[FastAPI]:
    with api_engine.begin() as conn:
        conn.execute(insert(unit), UNITS)
        for id, (name, role, unit_id, scope) in (ACCOUNTS | MORE).items():
            create_user(conn, id, name, role, unit_id, scope, PASSWORD)
        fill(conn)
    yield create_app(api_engine, web_content, tmp_path, clock)
    with api_engine.begin() as conn:
        conn.execute(text("TRUNCATE " + ", ".join(f'"{t.name}"' for t in metadata.sorted_tables)))


@pytest.fixture
def call(api_app: FastAPI) -> Callers:
    """`call("clerk")`: the API as that account."""

    def enter(account: str) -> Api:
        return Api(api_app, account)

    return enter
