"""A local Open311 (GeoReport v2) server over the hotline's store."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml

PAGE_SIZE = 500
LARGEST_PAGE = 5000


@contextmanager
def complaint_service(city_dir: Path) -> Iterator[str]:
    """Serve a city's complaints on 127.0.0.1 at a free port while the context lasts; yields the base URL.

    `requests.json` takes page, page_size, start_date, end_date (by requested_datetime) and updated_after.
    """
    described = yaml.safe_load((city_dir / "city.yaml").read_text(encoding="utf-8"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(city_dir / described["complaint_db"]))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(database: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(url.query).items()}
            try:
                status, body = HTTPStatus.OK, _answer(database, url.path, query)
            except KeyError:
                status, body = HTTPStatus.NOT_FOUND, _error(404, "no such resource")
            except ValueError as wrong:
                status, body = HTTPStatus.BAD_REQUEST, _error(400, str(wrong))
            self._send(status, body.encode())

        def _send(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet: the demo's own progress is what people read."""

    return Handler


def _error(code: int, text: str) -> str:
    return json.dumps([{"code": code, "description": text}])


def _answer(database: Path, path: str, query: dict[str, str]) -> str:
    """The JSON body of a path; KeyError for an unknown path, ValueError for a bad parameter."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        if path == "/services.json":
            found = connection.execute("SELECT body FROM services ORDER BY n")
        elif path == "/requests.json":
            found = _requests(connection, query)
        else:
            raise KeyError(path)
        return "[" + ",".join(body for (body,) in found) + "]"


def _requests(connection: sqlite3.Connection, query: dict[str, str]) -> sqlite3.Cursor:
    page, size = int(query.get("page", 1)), int(query.get("page_size", PAGE_SIZE))
    if page < 1 or not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"page starts at 1 and page_size is 1 to {LARGEST_PAGE}")
    since, start = query.get("updated_after", ""), query.get("start_date", "")
    end = query.get("end_date", "9999")
    return connection.execute(
        "SELECT body FROM requests WHERE updated >= ? AND requested >= ? AND requested <= ?"
        " ORDER BY updated, n LIMIT ? OFFSET ?",
        (since, start, end, size, (page - 1) * size),
    )
