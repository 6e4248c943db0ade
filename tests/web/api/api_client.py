"""The API as one account uses it: a session, its CSRF token, and a new key for each write."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response as Answer
from sqlalchemy import Connection, RowMapping, insert, select
from starlette.responses import Response
from tests.audit_unlocked import empty_all
from web_city import ACCOUNTS, UNITS, fill

from mingjian.store.identity import find_user
from mingjian.store.tables import app_user, audit_log, unit
from mingjian.web.session import COOKIE
from mingjian.web.viewer import Office

ROOT = "/api/v1"
MORE = {
    "dispatcher": ("分办员", "R3", None, "city"),
    "dispatcher_b": ("分办员乙", "R3", "db", "own_region"),
    "steward": ("模型管理员", "R9", None, "city"),
    "lead": ("单位负责人", "R2", "ca-a", "own_org"),
    "visitor": ("回访员", "R13", None, "city"),
    "inspector_2": ("纪检员乙", "R4", None, "city"),
}


def people(conn: Connection) -> None:
    """The web tests' city with a few more accounts; nobody here signs in with a password."""
    homes = {u["id"]: u for u in UNITS}
    conn.execute(insert(unit), UNITS)
    rows = []
    for id, (name, role, unit_id, scope) in (ACCOUNTS | MORE).items():
        home = homes.get(unit_id or "", {"region_code": None, "line_code": None})
        place = {column: home[column] for column in ("region_code", "line_code")}
        rows.append({"id": id, "name": name, "role": role, "unit_id": unit_id, "data_scope": scope, **place})
    conn.execute(insert(app_user), rows)
    fill(conn)


def empty(conn: Connection) -> None:
    empty_all(conn)


class Api:
    """`api.get("/warnings")`, `api.write("POST", "/bulk/urge", json=…)` below /api/v1."""

    def __init__(self, app: FastAPI, account: str) -> None:
        self.office: Office = app.state.office
        with self.office.engine.begin() as conn:
            user = find_user(conn, account)
            assert user is not None
            session = self.office.sessions.begin(conn, user)
        self.account = account
        answer = Response()
        self.office.sessions.write(answer, session, secure=False)
        self.cookie = answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]
        self.csrf = session.csrf
        self.client = TestClient(app, follow_redirects=False)
        self.client.cookies.set(COOKIE, self.cookie)

    def get(self, path: str, **more: Any) -> Answer:
        return self.client.get(ROOT + path, **more)

    def write(
        self, method: str, path: str, key: str | None = None, etag: str | None = None, **more: Any
    ) -> Answer:
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": key or str(uuid.uuid4())}
        headers |= {"If-Match": etag} if etag else {}
        return self.client.request(method, ROOT + path, headers=headers | more.pop("headers", {}), **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.write("POST", path, json=body, **more)

    def etag(self, path: str) -> str:
        return self.get(path).headers["ETag"]

    def step(self, warning_id: str, action: str, **said: Any) -> Answer:
        etag = said.pop("etag", None) or self.etag(f"/warnings/{warning_id}")
        return self.post(f"/warnings/{warning_id}/steps", {"action": action, **said}, etag=etag)

    def audited(self, action: str) -> list[RowMapping]:
        with self.office.engine.connect() as conn:
            rows = select(audit_log).where(audit_log.c.action == action).order_by(audit_log.c.id)
            return list(conn.execute(rows).mappings())


Callers = Callable[[str], Api]
