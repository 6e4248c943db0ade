"""Writing dashboards out for provisioning, and sending them to Grafana.

No Grafana can be installed here: its place is taken by a small HTTP server that answers as Grafana's API
does and keeps what it was sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.dash_rows import sectors_only

from mingjian.content import Content
from mingjian.report.grafana import DashDatabase, GrafanaError, export, publish

DATABASE = DashDatabase("db.example:5432", "mingjian", "grafana_reader", "not-a-real-password")


@pytest.fixture(scope="module")
def content() -> Content:
    return sectors_only()


class StandInGrafana(ThreadingHTTPServer):
    """Grafana's API as far as publish uses it: what is created exists from then on; one token is right."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, str, Any]] = []
        self.existing: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: StandInGrafana

    def do_GET(self) -> None:
        self._answer(404 if self.path not in self.server.existing else 200, {"message": "not found"})

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/api/datasources":
            self.server.existing.add(f"/api/datasources/uid/{body['uid']}")
        if self.path == "/api/folders":
            self.server.existing.add(f"/api/folders/{body['uid']}")
        uid = body.get("dashboard", {}).get("uid", "")
        self._answer(200, {"url": f"/d/{uid}"})

    def do_PUT(self) -> None:
        self._body()
        self._answer(200, {})

    def _body(self) -> Any:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append((self.command, self.path, body))
        return body

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        if self.headers["Authorization"] != "Bearer right-token":
            status, body = 401, {"message": "Unauthorized"}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Quiet: pytest's output is for the tests."""


@pytest.fixture
def grafana() -> Iterator[StandInGrafana]:
    server = StandInGrafana()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_export_writes_the_tree_that_grafana_reads(content: Content, tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in export(tmp_path, content)}
    assert written == {
        "provisioning/datasources/mingjian.yaml",
        "provisioning/dashboards/mingjian.yaml",
        "dashboards/overview.json",
    }
    source = yaml.safe_load((tmp_path / "provisioning/datasources/mingjian.yaml").read_text())["datasources"][
        0
    ]
    assert (source["uid"], source["type"]) == ("mingjian-dash", "grafana-postgresql-datasource")
    assert source["secureJsonData"] == {"password": "${MINGJIAN_DASH_PASSWORD}"}
    provider = yaml.safe_load((tmp_path / "provisioning/dashboards/mingjian.yaml").read_text())["providers"][
        0
    ]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert json.loads((tmp_path / "dashboards/overview.json").read_text())["title"] == "明鉴总览"


def test_export_speaks_english_when_asked(content: Content, tmp_path: Path) -> None:
    export(tmp_path, content, lang="en")
    assert json.loads((tmp_path / "dashboards/overview.json").read_text())["title"] == "Mingjian overview"


def test_publish_creates_the_source_the_folder_and_the_dashboard(
    content: Content, grafana: StandInGrafana
) -> None:
    assert publish(grafana.url, "right-token", content, DATABASE) == [f"{grafana.url}/d/mingjian-overview"]
    assert [(method, path) for method, path, _body in grafana.calls] == [
        ("POST", "/api/datasources"),
        ("POST", "/api/folders"),
        ("POST", "/api/dashboards/db"),
    ]
    source, folder, board = [body for _method, _path, body in grafana.calls]
    assert source["secureJsonData"] == {"password": "not-a-real-password"}
    assert folder == {"title": "明鉴", "uid": "mingjian"}
    assert board["overwrite"] and board["folderUid"] == "mingjian"
    assert len(board["dashboard"]["panels"]) == 10


def test_publishing_again_updates_what_is_there(content: Content, grafana: StandInGrafana) -> None:
    publish(grafana.url, "right-token", content, DATABASE)
    grafana.calls.clear()
    publish(grafana.url, "right-token", content, DATABASE)
    assert [(method, path) for method, path, _body in grafana.calls] == [
        ("PUT", "/api/datasources/uid/mingjian-dash"),
        ("POST", "/api/dashboards/db"),
    ]


def test_without_a_password_the_stored_one_stays(content: Content, grafana: StandInGrafana) -> None:
    publish(
        grafana.url, "right-token", content, DashDatabase("db.example:5432", "mingjian", "grafana_reader")
    )
    assert "secureJsonData" not in grafana.calls[0][2]


def test_a_wrong_token_is_said_plainly(content: Content, grafana: StandInGrafana) -> None:
    with pytest.raises(GrafanaError, match="拒绝了令牌"):
        publish(grafana.url, "wrong-token", content, DATABASE)
    assert grafana.calls == []


def test_a_grafana_that_is_not_there_is_said_plainly(content: Content) -> None:
    with pytest.raises(GrafanaError, match="没有接受"):
        publish("http://127.0.0.1:9", "right-token", content, DATABASE)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "DATABASE", "USER"):
        monkeypatch.delenv(f"MINGJIAN_DASH_{name}", raising=False)
    monkeypatch.setenv("MINGJIAN_DASH_URL", "db.example:5432")
    with pytest.raises(GrafanaError, match="MINGJIAN_DASH_DATABASE、MINGJIAN_DASH_USER"):
        DashDatabase.from_environment()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"URL": "db.example:5432", "DATABASE": "mingjian", "USER": "grafana_reader", "PASSWORD": "p"}
    for name, value in values.items():
        monkeypatch.setenv(f"MINGJIAN_DASH_{name}", value)
    assert DashDatabase.from_environment().as_datasource()["url"] == "db.example:5432"
