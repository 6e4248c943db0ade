"""A real server told to stop: what is in flight is finished, nothing new is taken, and it ends well."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

SERVER = """
import sys, time
from pathlib import Path
from mingjian.content import load_content
from mingjian.domain.clock import SystemClock
from mingjian.store import db
from mingjian.web.app import create_app
from mingjian.web.serving import serve_app

url, root, home, port = sys.argv[1:]
app = create_app(db.connect(url), load_content(Path(root)), Path(home), SystemClock())

@app.get("/slow")
def slow():
    Path(home, "begun").touch()
    time.sleep(2)
    return {"finished": True}

serve_app(app, "127.0.0.1", int(port))
"""


class Served:
    """The server's process and how to ask it."""

    def __init__(self, process: subprocess.Popen[str], port: int, home: Path) -> None:
        self.process, self.port, self.home = process, port, home

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30, trust_env=False)

    def answers(self) -> bool:
        try:
            return self.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def served(city: Engine, repo: Path, tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "home" / "lake").mkdir(parents=True)
    script = tmp_path / "server.py"
    script.write_text(SERVER, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = city.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, str(script), url, str(repo), str(tmp_path / "home"), str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"MINGJIAN_DRAIN_SECONDS": "1"},
    )
    server = Served(process, port, tmp_path / "home")
    try:
        until(server.answers)
        yield server
    finally:
        process.kill()
        process.wait(30)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def test_sigterm_finishes_what_is_in_flight_and_takes_nothing_new(served: Served) -> None:
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(served.get, "/slow")
        until((served.home / "begun").exists)
        served.process.send_signal(signal.SIGTERM)
        until(lambda: served.get("/readyz").status_code == 503, 1)
        until(lambda: not served.answers(), 10)
        assert not slow.done(), "the port closed while the request was in flight"
        assert (slow.result().status_code, slow.result().json()) == (200, {"finished": True})
    assert served.process.wait(30) == 0
    lines = [json.loads(line) for line in served.process.stderr or []]
    assert [x["event"] for x in lines if x["event"] in ("serving", "draining", "stopped")] == [
        "serving",
        "draining",
        "stopped",
    ]


def test_ctrl_c_ends_at_once_and_well(served: Served) -> None:
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(30) == 0
