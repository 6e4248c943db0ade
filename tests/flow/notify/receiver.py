"""An HTTP receiver that keeps what it is sent and answers as the test says, one answer after the other."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


RESET = Answer(-1)  # the body is taken, then the connection is reset
HANG = Answer(-2)  # the body is taken, then nothing


class Receiver:
    """`answers` are given in turn, then `usual` for ever; `heard` holds every request whose body came whole."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.usual = Answer()
        self.heard: list[Request] = []
        self.on_request: Callable[[Request], None] = lambda _request: None
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def secure(self, certificate: Path, key: Path) -> list[str]:
        """Speak TLS with this certificate; returns the list of the host names that clients will ask for."""
        asked: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.sni_callback = lambda _socket, name, _context: asked.append(name or "")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        return asked

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook?key=s3cr3t-key"

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.heard]

    def take(self, request: Request) -> Answer:
        with self._lock:
            self.heard.append(request)
            answer = self.answers.pop(0) if self.answers else self.usual
        self.on_request(request)
        return answer

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = receiver.take(Request(self.path, headers, body))
                if answer is RESET:
                    off = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
                    self.close_connection = True
                    self.connection.close()
                    return
                if answer is HANG:
                    receiver.over.wait(30)
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_said: Any) -> None:
                """Quiet: the test's output is its own."""

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, ValueError, OSError):
                    self.close_connection = True

        return Handler
