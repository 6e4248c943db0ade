"""Around every request: its number, its log line, and its place in the metrics. Never its raw path or its user."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingjian import logs
from mingjian.web.metrics import Metrics

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset(
    {"/healthz", "/readyz", "/metrics", "/static"}
)  # asked for every few seconds, or with each page


class Observed:
    """ASGI middleware. Another's request number is taken over when it is well formed, else one is made."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, began, status = request_id(scope), time.perf_counter(), 500

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        fault: Exception | None = None
        with logs.bound(request_id=number):
            try:
                await self.app(scope, receive, send_numbered)
            except Exception as error:
                fault = error
                raise
            finally:
                self._tell(scope, status, time.perf_counter() - began, fault)

    def _tell(self, scope: Scope, status: int, seconds: float, fault: Exception | None) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = template_of(scope)
        self.metrics.count(method, route, status, seconds)
        log, said = logs.logger(), {"method": method, "route": route, "status": status}
        said |= {"ms": round(seconds * 1000, 1), "role": scope.get("state", {}).get("role")}
        if fault is not None:
            log.error("request_failed", exc_info=fault, **said)
        elif status >= 500:
            log.warning("request", **said)
        elif route in QUIET:
            log.debug("request", **said)
        else:
            log.info("request", **said)


def request_id(scope: Scope) -> str:
    """The caller's number when it is well formed and holds nobody's own, else a new one."""
    given = Headers(scope=scope).get(HEADER, "")
    fine = WELL_FORMED.fullmatch(given) is not None and not logs.holds_personal(given)
    return given if fine else secrets.token_hex(8)


def template_of(scope: Scope) -> str:
    """The route as it is declared (`/warnings/{warning_id}`), a mount's path, or `*` for what has no route."""
    route: Any = scope.get("route")
    path = getattr(route, "path", None)
    if path:
        return str(path)
    mount = scope.get("root_path", "")
    return "/static" if mount.endswith("/static") or scope["path"].startswith("/static/") else "*"
