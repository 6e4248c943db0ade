"""Every route as every role, compared with the written matrix of `docs/access.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from routes_of import routes_of, token_scopes
from sqlalchemy import Engine
from starlette.responses import Response as Answer
from web_city import PASSWORD, csrf_of

from mingjian.domain.roles import Role
from mingjian.store.identity import find_user
from mingjian.store.users import create_user
from mingjian.web.session import COOKIE
from mingjian.web.viewer import Office

ROLES = [role for role in Role if role is not Role.SYSTEM]
READY = "/readyz"
NOBODY = "nobody"
OWN_UNIT = {Role.R1, Role.R2}
PLACE = re.compile(r"\{(\w+)\}")
HEAD = """# Who reaches what

Every route of the web app as every role, walked by `tests/web/test_matrix.py`, which compares the answers with this page: a new route,
or a role that suddenly reaches more or less, fails the test until it is written here. R1 and R2 sit in a unit and see its rows; every
other role here has the whole city, so what this page shows is the most a role can reach. The rows themselves are narrowed further by
`access_of` in `src/mingjian/web/access.py`. `/static/` is open to all. The second column is the scope that an API token must name
besides (`src/mingjian/web/scopes.py`); pages know no tokens.

While somebody is away, the deputy reads the rows and pages of both, each row as whoever of the two sees it may, and takes steps in either
role only on rows that this role's holder sees. Bulk actions, unmasking, allowing it and freezing are not lent; a secret complainant stays
hidden from a handler, and a role that reads no cases is lent none (`tests/web/test_deputy_scope.py`).

| answer | means |
|---|---|
| 200 | the page or the answer |
| 303 | done, or led on to another page |
| in | asked to sign in first |
| 403 | not for this role |
| 404 | not there for this reader: the route does not tell whether it exists |
| 4xx | reached, and the empty form or made-up id of the test was refused |

"""


@pytest.fixture
def walker(app: FastAPI, city: Engine) -> Iterator[TestClient]:
    """A browser for the walk; each role has an account of its own name."""
    with city.begin() as conn:
        for role in ROLES:
            unit_id, scope = ("ca-a", "own_org") if role in OWN_UNIT else (None, "city")
            create_user(conn, f"matrix_{role}", role.label, role, unit_id, scope, PASSWORD)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def _enter(client: TestClient, office: Office, who: str) -> str:
    """Begin a session of this role, or of nobody; returns its form token."""
    client.cookies.clear()
    if who == NOBODY:
        return csrf_of(client.get("/sign-in").text)
    with office.engine.begin() as conn:
        user = find_user(conn, f"matrix_{who}")
        assert user is not None
        session = office.sessions.begin(conn, user)
    answer = Answer()
    office.sessions.write(answer, session, secure=False)
    client.cookies.set(COOKIE, answer.headers["set-cookie"].split("=", 1)[1].split(";")[0])
    return session.csrf


def _outcome(path: str, answer: Response) -> str:
    code = answer.status_code
    to = answer.headers.get("location", "")
    if (code == 303 and re.match(r"/sign-in($|\?)", to)) or (code == 401 and path.startswith("/api/")):
        return "in"
    if path == READY:
        return "200" if code in (200, 503) else str(code)  # ready or not, it answers everybody
    assert code < 500, (path, answer.text)
    return str(code) if code in (303, 403, 404) else "200" if code < 300 else "4xx"


def _rows(app: FastAPI) -> list[tuple[str, str, str, str]]:
    """(what the table says, method, address, template): a route about a warning once on the unit's own, once on another unit's."""
    rows = []
    for method, template in routes_of(app):
        for id, whose in (
            (("A1", " (own)"), ("B1", " (another unit's)")) if "{warning_id}" in template else (("", ""),)
        ):
            path = PLACE.sub("none", template.replace("{warning_id}", id))
            rows.append((f"`{method} {template}`{whose}", method, path, template))
    return rows


def _walk(app: FastAPI, client: TestClient) -> str:
    """The page as it should be."""
    office: Office = app.state.office
    columns = [NOBODY, *(role.value for role in ROLES)]
    lines = [f"| route | token | {' | '.join(columns)} |", "|---|---|" + "---|" * len(columns)]
    scopes = token_scopes(app)
    for said, method, path, template in _rows(app):
        outcomes = []
        for who in columns:
            csrf = _enter(client, office, who)
            form = {"csrf": csrf} if method == "POST" else None
            answer = client.request(method, path, data=form, headers={"X-CSRF-Token": csrf})
            outcomes.append(_outcome(path, answer))
        scope = scopes.get((method, template)) or "–"
        lines.append(f"| {said} | {scope} | {' | '.join(outcomes)} |")
    return HEAD + "\n".join(lines) + "\n"


def test_every_role_reaches_what_the_matrix_says(
    app: FastAPI, walker: TestClient, repo: Path, tmp_path: Path
) -> None:
    walked = _walk(app, walker)
    kept = repo / "docs" / "access.md"
    new = tmp_path / "access.md"
    new.write_text(walked, encoding="utf-8")
    written = kept.read_text(encoding="utf-8") if kept.exists() else ""
    changed = [line for line in walked.splitlines() if line not in written.splitlines()]
    gone = [line for line in written.splitlines() if line not in walked.splitlines()]
    assert walked == written, f"walked: {changed}\nwritten: {gone}\nif this is meant: cp {new} {kept}"
