"""One city for the web tests: two districts, a few warnings, one account per role that matters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert
from starlette.responses import Response
from web_city import ACCOUNTS, PASSWORD, UNITS, SignIn, fill

from mingjian.content import Content, load_content
from mingjian.domain.clock import MovableClock
from mingjian.store import db
from mingjian.store.identity import find_user
from mingjian.store.tables import unit
from mingjian.store.users import create_user
from mingjian.web.app import create_app
from mingjian.web.session import COOKIE
from mingjian.web.viewer import Office


@pytest.fixture(scope="session")
def web_content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The real manifests, bases and one real rule, so that other rules in the making do not matter here."""
    repo = Path(__file__).parents[2]
    root = tmp_path_factory.mktemp("content")
    for folder in ("sectors", "basis"):
        shutil.copytree(repo / folder, root / folder)
    (root / "rules" / "subsidy").mkdir(parents=True)
    shutil.copy(repo / "rules/subsidy/deceased_payee.yaml", root / "rules/subsidy")
    return load_content(root)


@pytest.fixture(scope="session")
def city(server_url: str) -> Iterator[Engine]:
    """A database of the web tests' own, filled once; tests that change it make rows of their own."""
    engine = db.connect(db.create_database(server_url, "web"))
    db.upgrade(engine)
    with engine.begin() as conn:
        conn.execute(insert(unit), UNITS)
        for id, (name, role, unit_id, scope) in ACCOUNTS.items():
            create_user(conn, id, name, role, unit_id, scope, PASSWORD)
        fill(conn)
    yield engine
    engine.dispose()


@pytest.fixture
def app(city: Engine, web_content: Content, tmp_path: Path, clock: MovableClock) -> FastAPI:
    return create_app(city, web_content, tmp_path, clock)


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    """A browser nobody has signed in with; redirects are not followed."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def signed_in(app: FastAPI) -> SignIn:
    """`signed_in("clerk")`: a browser that holds a session of that account (test_sign_in goes through the form)."""
    office: Office = app.state.office

    def enter(account: str) -> TestClient:
        with office.engine.begin() as conn:
            user = find_user(conn, account)
            assert user is not None
            session = office.sessions.begin(conn, user)
        answer = Response()
        office.sessions.write(answer, session, secure=False)
        client = TestClient(app, follow_redirects=False)
        client.cookies.set(COOKIE, answer.headers["set-cookie"].split("=", 1)[1].split(";")[0])
        return client

    return enter
