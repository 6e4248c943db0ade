"""A city of each test's own over the API: what a test does stays in its database, and is emptied after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_client import Api, Callers, empty, people
from fastapi import FastAPI
from sqlalchemy import Engine

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.store import db
from mingjian.web.app import create_app


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
        people(conn)
    yield create_app(api_engine, web_content, tmp_path, clock)
    with api_engine.begin() as conn:
        empty(conn)


@pytest.fixture
def call(api_app: FastAPI) -> Callers:
    """`call("clerk")`: the API as that account."""

    def enter(account: str) -> Api:
        return Api(api_app, account)

    return enter
