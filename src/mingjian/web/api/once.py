"""Idempotency: a write sent again under its key is answered again and not done again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from mingjian.domain.errors import StaleVersion
from mingjian.domain.i18n import _
from mingjian.store import audit, idempotency
from mingjian.web.api.guarded import own_write
from mingjian.web.errors import BadRequest, Busy, Changed, Unprocessable
from mingjian.web.viewer import Office, SignedIn, Viewer, office_of

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,100}")


@dataclass(frozen=True)
class Done:
    """The answer to a write: its status, its body (None for 204) and headers such as ETag."""

    status: int
    body: BaseModel | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Once:
    """The key of one write, and how the write is done under it."""

    office: Office
    viewer: Viewer
    key: str
    request: Request

    def run(
        self,
        said: BaseModel | str,
        work: Callable[[Connection], Done],
        reveal: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    ) -> Response:
        """Do `work` and keep its answer in one transaction, or give the answer kept from the first time.

        `said` is the body, or a digest that stands for it; `reveal` adds to the answer what must not be kept.
        Raises Busy while the same key is being worked on, and Unprocessable when the key came with another request
        before. Refusals are not kept: they change nothing.
        """
        user, hashed = self.viewer.user.id, self._hash(said)
        with self.office.engine.begin() as conn, audit.at_the_end(conn):
            if not idempotency.claim(conn, user, self.key):
                raise Busy(_("相同的请求正在处理"), hint=_("稍后用同一 Idempotency-Key 重试"))
            kept = idempotency.find(conn, user, self.key)
            if kept is not None:
                if kept["request_hash"] != hashed:
                    raise Unprocessable(
                        _("该 Idempotency-Key 已用于另一请求"), hint=_("每个新请求使用新的 Idempotency-Key")
                    )
                headers = {**kept["headers"], REPLAYED: "true"}
                return _response(kept["status"], _revealed(kept["body"], reveal), headers)
            done = work(conn)
            body = done.body.model_dump(mode="json", exclude_none=True) if done.body else None
            now = self.office.clock.now()
            idempotency.keep(conn, now, user, self.key, hashed, done.status, done.headers, body)
        return _response(done.status, _revealed(body, reveal), done.headers)

    def step(self, said: BaseModel, work: Callable[[Connection], Done]) -> Response:
        """`run` for a step on a noun as it was read; Changed tells the version that holds now.

        For nouns without a list of their steps: what somebody else did meanwhile is not told.
        """
        try:
            return self.run(said, work)
        except StaleVersion as error:
            raise Changed(error) from None

    def _hash(self, said: BaseModel | str) -> str:
        text = said if isinstance(said, str) else said.model_dump_json()
        parts = "\n".join([self.request.method, self.request.url.path, text])
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


def _revealed(body: Any, reveal: Callable[[dict[str, Any]], dict[str, Any]] | None) -> Any:
    return reveal(body) if reveal and body is not None else body


def _response(status: int, body: object, headers: dict[str, str]) -> Response:
    return Response(None, status, headers) if body is None else JSONResponse(body, status, headers)


async def once(
    request: Request,
    viewer: SignedIn,
    _own: Annotated[None, Depends(own_write)],
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> Once:
    """A dependency of every write; BadRequest without a key that can be used."""
    if not _KEY.fullmatch(idempotency_key):
        raise BadRequest(
            _("缺少可用的 Idempotency-Key 请求头"),
            hint=_("为每个新请求生成 8 至 100 位的键（字母、数字、_ . : -），例如 UUID"),
        )
    return Once(office_of(request), viewer, idempotency_key, request)


OnlyOnce = Annotated[Once, Depends(once)]
