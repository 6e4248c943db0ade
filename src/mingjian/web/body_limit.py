"""Bodies above their limit are cut off while they arrive, whatever their headers say."""

from __future__ import annotations

import re
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingjian.domain.attachment import MAX_BYTES
from mingjian.domain.i18n import _
from mingjian.web.errors import SignInNeeded, tell
from mingjian.web.refusals import note_refusal
from mingjian.web.viewer import viewer_of

BODY_BYTES = 1024 * 1024
ENVELOPE_BYTES = 64 * 1024  # what a form adds around its file
_UPLOAD = re.compile(r"/api/v1/warnings/[^/]+/attachments")


class BodyLimit:
    """ASGI middleware: answers 413 to a body above 1 MB (20 MB for an attachment)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        request = Request(scope)
        if _declared(request) > limit:
            await _refuse(request, limit, scope, receive, send)
            return
        taken, over = 0, False

        async def receive_within() -> Message:
            nonlocal taken, over
            message = await receive()
            taken += len(message.get("body", b""))
            over = over or taken > limit
            # The app reads of a caller who has gone; what it answers to that is not sent.
            return {"type": "http.disconnect"} if over else message

        async def send_unless_over(message: Message) -> None:
            if not over:
                await send(message)

        try:
            await self.app(scope, receive_within, send_unless_over)
        except Exception:
            if not over:
                raise
        if over:
            await _refuse(request, limit, scope, receive, send)


def limit_of(path: str) -> int:
    """Bytes that a request to this path may carry."""
    return MAX_BYTES + ENVELOPE_BYTES if _UPLOAD.fullmatch(path) else BODY_BYTES


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdigit() and len(length) < 19 else 0


def _note(request: Request) -> None:
    with suppress(SignInNeeded):
        viewer_of(request)
    note_refusal(request, 413, "too-large")


async def _refuse(request: Request, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    await run_in_threadpool(_note, request)
    answer = tell(
        request,
        413,
        _("请求内容过大"),
        _("每次请求不超过 {n} KB；附件不超过 20 MB", n=limit // 1024),
    )
    await answer(scope, receive, send)
