"""A real HTTP server on this machine whose answers a test scripts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Answer:
    """What the service says once; `body` that is not bytes is sent as JSON."""

    body: Any = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Service:
    """The address, every request (path, parameters, headers) so far, and the function that answers."""

    url: str
    answer: Callable[[dict[str, str]], Answer]
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)


@contextmanager
def serve(answer: Callable[[dict[str, str]], Answer]) -> Iterator[Service]:
    """Answer every GET by `answer(parameters)` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query))
            service.asked.append((parts.path, params, dict(self.headers)))
            said = service.answer(params)
            if said.wait:
                said.wait.wait(5)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.sent)))
            self.end_headers()
            self.wfile.write(said.sent)

        def log_message(self, *_args: object) -> None:
            """Quiet: the test looks at `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Service(f"http://127.0.0.1:{server.server_port}", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pages(*each: Any) -> Callable[[dict[str, str]], Answer]:
    """Page 1, 2, … in turn, an empty page after the last."""

    def answer(params: dict[str, str]) -> Answer:
        number = int(params.get("page", "1")) - 1
        said = each[number] if number < len(each) else []
        return said if isinstance(said, Answer) else Answer(said)

    return answer
