"""A day's first minute in a real browser: sign in, filter, open a warning, switch to English; nothing leaves the machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from web_city import PASSWORD

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The app on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def page(address: str) -> Iterator[sync_api.Page]:
    """A page that fails the test on console errors and on requests to any other host."""
    troubles: list[str] = []
    hosts: set[str | None] = set()
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(base_url=address)
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        yield page
        browser.close()
    assert troubles == []
    assert hosts == {"127.0.0.1"}


def sign_in(page: sync_api.Page, user: str) -> None:
    page.goto("/")
    page.get_by_label("账号").fill(user)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_sign_in_filter_open_and_read_in_english(page: sync_api.Page) -> None:
    sign_in(page, "inspector")
    assert page.get_by_role("heading", level=1).inner_text() == "预警"
    page.locator("select[name=district]").select_option(label="赛罕区")
    page.get_by_role("button", name="筛选").click()
    rows = page.locator("table.queue tbody tr")
    assert rows.count() == 3
    rows.first.get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "死亡后仍领补贴"
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Payment after death"
    assert page.get_by_role("heading", name="What was seen").is_visible()


def test_the_menu_is_reached_by_keyboard(page: sync_api.Page) -> None:
    sign_in(page, "inspector")
    page.wait_for_load_state()  # a key pressed before the page is there is lost
    page.keyboard.press("Tab")
    sync_api.expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize(
    "where",
    ["/warnings", "/warnings/A1", "/campaigns", "/enterprise", "/enterprise/report", "/health", "/overview"],
)
def test_pages_fit_a_phone(page: sync_api.Page, where: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    sign_in(page, "inspector")
    page.goto(where)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_leader_reads_figures(page: sync_api.Page) -> None:
    sign_in(page, "leader")
    assert page.get_by_role("heading", level=1).inner_text() == "总览"
    assert page.get_by_role("link", name="预警", exact=True).count() == 0
