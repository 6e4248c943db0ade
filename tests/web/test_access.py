"""Who sees which rows, and how much of them: decided in one place, true of every page and API call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from routes_of import routes_of
from sqlalchemy import Engine, select
from web_city import ACCOUNTS, A, SignIn, token

from mingjian.content import Content
from mingjian.store.identity import User, find_user
from mingjian.store.tables import warning
from mingjian.web.access import Access, Mask, access_of
from mingjian.web.masking import Masker, mark

PROBES = {"/healthz", "/readyz", "/metrics"}  # test_probes: what the last two tell strangers
OPEN_TO_ALL = PROBES | {"/sign-in", "/sign-in/code", "/sign-in/oidc", "/sign-in/oidc/return"}


def _routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, address) of every route that asks for a user, with a real id where one is asked for."""
    return [(m, path.replace("{warning_id}", "A1")) for m, path in routes_of(app) if path not in OPEN_TO_ALL]


def test_every_route_but_sign_in_and_health_needs_a_user(app: FastAPI, visitor: TestClient) -> None:
    routes = _routes(app)
    assert ("GET", "/warnings/A1") in routes
    assert ("GET", "/api/v1/warnings/A1") in routes
    for method, path in routes:
        answer = visitor.request(method, path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
        elif method == "GET":
            assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), path
        else:
            assert answer.status_code in (303, 403), path
        assert "死亡" not in answer.text


def test_every_post_refuses_a_form_from_elsewhere(app: FastAPI, signed_in: SignIn) -> None:
    client = signed_in("inspector")
    posts = [path for method, path in _routes(app) if method == "POST"]
    assert {"/sign-out", "/warnings/A1/steps", "/account/password"} <= set(posts)
    assert {client.post(path, data={"csrf": "guess"}).status_code for path in posts} == {403}


SEEN = {
    "inspector": {"A1", "A2", "A3", "B1", "B2", "B3", "S1", "C1"},
    "clerk": {"A1", "A2", "C1"},  # A3 is not dispatched yet: the unit must not know
    "clerk_b": {"B1"},
    "line": {"A1", "A2", "A3", "B1", "C1"},
    "district": {"B1", "B2", "B3"},
    "leader": set(),
    "auditor": set(),
    "citizen": set(),
    "lost": set(),
}


@pytest.mark.parametrize("account", SEEN)
def test_rows_of_each_account(city: Engine, account: str) -> None:
    with city.connect() as conn:
        user = find_user(conn, account)
        assert user is not None
        rows = select(warning.c.id).where(access_of(user).rows, warning.c.id.in_(SEEN["inspector"]))
        assert set(conn.scalars(rows)) == SEEN[account]


@pytest.mark.parametrize("account", SEEN)
def test_pages_and_api_agree_with_the_rows(signed_in: SignIn, account: str) -> None:
    client = signed_in(account)
    for id in sorted(SEEN["inspector"]):
        page, data = client.get(f"/warnings/{id}"), client.get(f"/api/v1/warnings/{id}")
        expected = 200 if id in SEEN[account] else 403 if not SEEN[account] and account != "lost" else 404
        assert (page.status_code, data.status_code) == (expected, expected), id


def test_handler_of_one_district_cannot_fetch_the_others_warning(signed_in: SignIn) -> None:
    client = signed_in("clerk")
    assert client.get("/warnings/A1").status_code == 200
    assert client.get("/warnings/B1").status_code == 404
    assert client.get("/api/v1/warnings/B1").status_code == 404
    assert 'href="/warnings/B1"' not in client.get("/warnings?status=all").text
    assert {w["id"] for w in client.get("/api/v1/warnings").json()["warnings"]} <= SEEN["clerk"]


def test_a_step_on_a_hidden_warning_is_not_found(signed_in: SignIn) -> None:
    client = signed_in("clerk")
    csrf = client.get("/warnings").text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post("/warnings/B1/steps", data={"csrf": csrf, "action": "sign"})
    assert answer.status_code == 404


def test_leadership_sees_figures_and_no_case(signed_in: SignIn) -> None:
    client = signed_in("leader")
    page = client.get("/overview")
    assert page.status_code == 200
    assert "赛罕区" in page.text
    assert token("A1")[:6] not in page.text
    assert client.get("/warnings").status_code == 403
    assert client.get("/api/v1/warnings").status_code == 403


def test_the_overview_of_a_district_counts_its_own_rows_only(signed_in: SignIn) -> None:
    page = signed_in("district").get("/overview").text
    assert "赛罕区" in page
    assert "新城区" not in page
    assert signed_in("clerk").get("/overview").status_code == 403


@pytest.mark.parametrize("role", ["R12", "unheard of", ""])
def test_unknown_roles_see_nothing(city: Engine, role: str) -> None:
    access = access_of(User("x", "x", role, "city"))
    with city.connect() as conn:
        assert conn.scalars(select(warning.c.id).where(access.rows)).first() is None
    assert (access.mask, access.warnings, access.overview, access.health) == (Mask.L0, False, False, False)


@pytest.mark.parametrize("scope", ["own_org", "own_region", "line", "everything", ""])
def test_a_scope_without_its_unit_sees_nothing(city: Engine, scope: str) -> None:
    access = access_of(User("x", "x", "R4", scope))
    with city.connect() as conn:
        assert conn.scalars(select(warning.c.id).where(access.rows)).first() is None


def test_a_unit_path_is_no_pattern(city: Engine) -> None:
    access = access_of(User("x", "x", "R1", "own_org", unit_id="x", unit_path="/c%/"))
    with city.connect() as conn:
        assert conn.scalars(select(warning.c.id).where(access.rows)).first() is None


# --- masks ------------------------------------------------------------------------------------------------------


MaskerOf = Callable[[str], Masker]


@pytest.fixture
def masker_of(web_content: Content) -> MaskerOf:
    def make(account: str) -> Masker:
        name, role, unit_id, scope = ACCOUNTS[account]
        user = User(account, name, role, scope, unit_id, "/city/da/ca-a/", region_code=A)
        return Masker(web_content, access_of(user))

    return make


COMPLAINT = {
    "service_request_id": "SR1",
    "description": "我家在三号楼,电话 13800000000",
    "address": "三号楼",
    "complainant_hash": token("complainant"),
    "person_id": token("person"),
    "is_secret": None,
}


def test_marks_are_short_steady_and_tell_nothing() -> None:
    assert mark(token("a")) == f"{token('a')[:6]}…"
    assert mark("150102199001011234") == mark("150102199001011234")
    assert "1501" not in mark("150102199001011234")


def test_tokens_are_marks_and_birth_dates_decades(masker_of: MaskerOf) -> None:
    masker = masker_of("inspector")
    row = {"person_id": token("x"), "birth_date": "1956-04-05", "gender": "F"}
    shown = [masker.cell("person", column, row) for column in row]
    assert shown == [f"{token('x')[:6]}…", "1950 年代", "F"]


def test_free_text_is_hidden_from_supervisors(masker_of: MaskerOf) -> None:
    masker = masker_of("inspector")
    assert masker.cell("complaint", "description", COMPLAINT) == "已隐去"
    assert masker.cell("complaint", "complainant_hash", COMPLAINT) == mark(token("complainant"))


@pytest.mark.parametrize("column", ["description", "address", "complainant_hash", "person_id"])
@pytest.mark.parametrize("secret", [None, True])
def test_handlers_never_see_a_complainant(masker_of: MaskerOf, column: str, secret: bool | None) -> None:
    masker = masker_of("clerk")
    assert masker.cell("complaint", column, {**COMPLAINT, "is_secret": secret}) == "已隐去"


def test_handlers_read_what_was_expressly_not_secret(masker_of: MaskerOf) -> None:
    masker = masker_of("clerk")
    assert masker.cell("complaint", "address", {**COMPLAINT, "is_secret": False}) == "三号楼"


def test_a_column_or_table_nobody_knows_is_hidden(masker_of: MaskerOf) -> None:
    masker = masker_of("inspector")
    assert masker.cell("payout", "real_name", {"real_name": "张三"}) == "已隐去"
    assert masker.cell("nowhere", "amount", {"amount": 1}) == "已隐去"


def test_subjects_of_a_forgotten_model_are_masked(masker_of: MaskerOf) -> None:
    masker = masker_of("inspector")
    assert masker.subject("project", "PRJ-7", "realty.gone") == mark("PRJ-7")
    assert masker.subject("person", token("x"), "subsidy.deceased_payee") == mark(token("x"))


def test_a_token_inside_a_longer_text_is_shortened_too(masker_of: MaskerOf) -> None:
    masker = masker_of("inspector")
    voucher = f"S1|77|{token('x')}"
    assert masker.measure("voucher", voucher) == f"S1|77|{token('x')[:6]}…"
    assert masker.cell("payout", "tier", {"tier": voucher}) == f"S1|77|{token('x')[:6]}…"
    assert masker.measure("months", 3) == 3


def test_no_page_carries_a_whole_token(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    for address in (
        "/warnings",
        "/warnings/A1",
        "/api/v1/warnings/A1",
        "/api/v1/warnings",
        "/health",
        "/overview",
    ):
        text = client.get(address).text
        assert token("A1") not in text, address
        assert token("accountA1") not in text, address
        assert "150102199001011234" not in text, address


def test_access_is_frozen() -> None:
    access = access_of(User("x", "x", "R4", "city"))
    assert isinstance(access, Access)
    with pytest.raises(AttributeError):
        access.mask = Mask.L2  # type: ignore[misc]
