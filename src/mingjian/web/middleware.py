"""Around every answer: the reader's language, and headers that keep pages to themselves."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mingjian.domain.i18n import LANGUAGES, set_language

LANGUAGE_COOKIE = "mingjian_lang"
YEAR = 365 * 24 * 3600
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Around:
    """ASGI middleware: takes the language from ?lang= (kept in a cookie) or the cookie, adds HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        asked = request.query_params.get("lang")
        chosen = asked if asked in LANGUAGES else None
        set_language(chosen or request.cookies.get(LANGUAGE_COOKIE))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not request.url.path.startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
                if chosen:
                    headers.append(
                        "Set-Cookie", f"{LANGUAGE_COOKIE}={chosen}; Path=/; Max-Age={YEAR}; SameSite=Lax"
                    )
            await send(message)

        await self.app(scope, receive, send_with_headers)
