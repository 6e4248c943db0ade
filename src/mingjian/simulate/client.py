"""A caller of the real app, inside the process: every request passes the whole of its HTTP stack, and no socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

BASE = "/api/v1"
HOST = "http://mingjian.invalid"


@dataclass(frozen=True)
class Answer:
    """What the service answered: status, headers, and the JSON body (empty where there is none)."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")

    @property
    def kind(self) -> str:
        """The kind of a refusal, `transition-error` say; empty for one without a kind of its own."""
        return str(self.body.get("type", "")).rpartition(":")[2] if self.status >= 400 else ""


@dataclass
class Client:
    """Asks as an account, by its API token. `asked` counts requests by method and status."""

    app: FastAPI
    tokens: Mapping[str, str]
    asked: Counter[str] = field(default_factory=Counter)
    _held: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        transport = httpx.ASGITransport(app=self.app)
        self._http = httpx.AsyncClient(transport=transport, base_url=HOST + BASE)
        # One loop for all requests, as a server has: the app's threads live no longer than the first task of their loop.
        self._portal = self._held.enter_context(start_blocking_portal())
        self._held.callback(self._portal.call, self._http.aclose)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def get(self, who: str, path: str, **query: str | int) -> Answer:
        """Read `path` as this account."""
        return self._ask("GET", who, path, query=query)

    def post(self, who: str, path: str, body: Mapping[str, Any], key: str, etag: str = "") -> Answer:
        """Write under this idempotency key, and on the reading that this ETag stands for."""
        headers = {"Idempotency-Key": key, **({"If-Match": etag} if etag else {})}
        return self._ask("POST", who, path, body=body, headers=headers)

    def _ask(
        self,
        method: str,
        who: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        token = self.tokens.get(who, who)
        said = {"Authorization": f"Bearer {token}", **(headers or {})}
        ask = partial(self._http.request, method, path, params=query or None, json=body, headers=said)
        answer = self._portal.call(ask)
        self.asked[f"{method} {answer.status_code}"] += 1
        return Answer(answer.status_code, answer.headers, answer.json() if answer.content else {})
