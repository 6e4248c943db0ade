"""Signing in through a real local provider: what is signed and meant for us lets in, anything else does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from joserfc.jwk import RSAKey
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from sqlalchemy import Engine, select
from web_city import SignIn

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError
from mingjian.store.tables import audit_log, user_session
from mingjian.web.app import create_app
from mingjian.web.oidc import settings


@pytest.fixture
def provider(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with running(clock) as provider:
        monkeypatch.setenv("MINGJIAN_OIDC_ISSUER", provider.address)
        monkeypatch.setenv("MINGJIAN_OIDC_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("MINGJIAN_OIDC_CLIENT_SECRET", CLIENT_SECRET)
        yield provider


@pytest.fixture
def browser(
    provider: Provider, city: Engine, web_content: Content, tmp_path: Path, clock: MovableClock
) -> Iterator[TestClient]:
    with TestClient(create_app(city, web_content, tmp_path, clock), follow_redirects=False) as client:
        yield client


def _go(browser: TestClient, next: str = "/warnings") -> str:
    """The address at the provider that the browser is sent to."""
    return browser.get("/sign-in/oidc", params={"next": next}).headers["location"]


def _back(browser: TestClient, address: str) -> Response:
    """What happens when the provider has sent the browser back."""
    sent = httpx.get(address).headers["location"]
    return browser.get(sent.removeprefix("http://testserver"))


def _refused(browser: TestClient, answer: Response, city: Engine, reason: str) -> bool:
    with city.connect() as conn:
        last = conn.execute(
            select(audit_log.c.detail).where(audit_log.c.object_id == "oidc").order_by(audit_log.c.id.desc())
        ).scalar()
    assert last == {"reason": reason}
    return answer.status_code == 401 and browser.get("/warnings").status_code == 303


def test_the_provider_lets_an_account_in(browser: TestClient, provider: Provider, city: Engine) -> None:
    assert "/sign-in/oidc?next=%2Fwarnings" in browser.get("/sign-in?next=/warnings").text.replace(
        "%252F", "%2F"
    )
    asked = parse_qs(urlsplit(_go(browser)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    answer = _back(browser, _go(browser))
    assert (answer.status_code, answer.headers["location"]) == (303, "/warnings")
    assert browser.get("/warnings").status_code == 200
    with city.connect() as conn:
        ways = conn.scalars(select(user_session.c.way).where(user_session.c.user_id == "inspector"))
        assert "oidc" in set(ways)


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"aud": ["somebody else"]},
        {"aud": ["somebody else"], "azp": CLIENT_ID},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_try_is_refused(
    browser: TestClient, provider: Provider, city: Engine, lies: dict[str, object]
) -> None:
    provider.lies = lies
    assert _refused(browser, _back(browser, _go(browser)), city, "bad_token")


def test_an_expired_token_is_refused(
    browser: TestClient, provider: Provider, city: Engine, clock: MovableClock
) -> None:
    provider.lies = {"exp": int(clock.now().timestamp()) - 61}
    assert _refused(browser, _back(browser, _go(browser)), city, "bad_token")


def test_a_token_signed_by_another_key_is_refused(
    browser: TestClient, provider: Provider, city: Engine
) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    assert _refused(browser, _back(browser, _go(browser)), city, "bad_token")


def test_a_new_key_of_the_provider_is_fetched(browser: TestClient, provider: Provider) -> None:
    assert _back(browser, _go(browser)).status_code == 303
    browser.cookies.clear()
    provider.signing = RSAKey.generate_key(2048, {"kid": "two"})
    provider.published.append(provider.signing)
    assert _back(browser, _go(browser)).status_code == 303


def test_an_answer_to_another_try_is_refused(browser: TestClient, city: Engine) -> None:
    first = _go(browser)
    _go(browser)
    assert _refused(browser, _back(browser, first), city, "wrong_state")


def test_an_answer_nobody_asked_for_is_refused(browser: TestClient, city: Engine) -> None:
    assert _refused(browser, browser.get("/sign-in/oidc/return?code=x&state=y"), city, "wrong_state")
    assert _refused(browser, browser.get("/sign-in/oidc/return?state="), city, "wrong_state")


def test_an_answer_is_good_once(browser: TestClient, city: Engine) -> None:
    sent = httpx.get(_go(browser)).headers["location"].removeprefix("http://testserver")
    cookies = dict(browser.cookies)
    assert browser.get(sent).status_code == 303
    browser.cookies.clear()
    browser.cookies.update(cookies)
    assert _refused(browser, browser.get(sent), city, "code_refused")


def test_a_code_stolen_on_the_way_is_worthless_elsewhere(
    browser: TestClient, provider: Provider, city: Engine
) -> None:
    code = parse_qs(urlsplit(httpx.get(_go(browser)).headers["location"]).query)["code"][0]
    browser.cookies.clear()
    state = parse_qs(urlsplit(_go(browser)).query)["state"][0]
    answer = browser.get("/sign-in/oidc/return", params={"code": code, "state": state})
    assert _refused(browser, answer, city, "code_refused")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"sub": "7", "preferred_username": "a stranger"}, "no_account"),
        ({"sub": "inspector"}, "no_claim"),
        ({"sub": "7", "preferred_username": ["inspector"]}, "no_claim"),
        ({}, "denied"),
    ],
    ids=str,
)
def test_nobody_is_registered_here(
    browser: TestClient, provider: Provider, city: Engine, claims: dict[str, object], reason: str
) -> None:
    provider.claims = claims
    assert _refused(browser, _back(browser, _go(browser)), city, reason)


def test_a_mail_address_counts_only_when_proved(
    provider: Provider,
    city: Engine,
    web_content: Content,
    tmp_path: Path,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MINGJIAN_OIDC_CLAIM", "email")
    browser = TestClient(create_app(city, web_content, tmp_path, clock), follow_redirects=False)
    provider.claims = {"sub": "7", "email": "inspector", "email_verified": False}
    assert _refused(browser, _back(browser, _go(browser)), city, "no_claim")
    provider.claims["email_verified"] = True
    assert _back(browser, _go(browser)).status_code == 303


def test_a_provider_that_is_down_is_told(browser: TestClient, provider: Provider, city: Engine) -> None:
    provider.address = "https://elsewhere.example"  # it now calls itself something else
    assert _refused(browser, browser.get("/sign-in/oidc"), city, "unreachable")


def test_without_a_provider_there_is_no_button_and_no_way(signed_in: SignIn, visitor: TestClient) -> None:
    assert "oidc" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/oidc").status_code == 404
    assert visitor.get("/sign-in/oidc/return?code=x&state=y").status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {
            "MINGJIAN_OIDC_ISSUER": "http://id.example",
            "MINGJIAN_OIDC_CLIENT_ID": "x",
            "MINGJIAN_OIDC_CLIENT_SECRET": "y",
        },
        {"MINGJIAN_OIDC_ISSUER": "https://id.example", "MINGJIAN_OIDC_CLIENT_ID": "x"},
    ],
    ids=["not https", "half said"],
)
def test_settings_that_cannot_be_are_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str]
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(MingjianError):
        settings()
