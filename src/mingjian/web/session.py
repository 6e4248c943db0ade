"""The session cookie: signed, never readable by scripts, ended by time, by sign-out and by a new password."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from mingjian.domain.clock import Clock
from mingjian.store.keyfile import kept_secret

COOKIE = "mingjian_session"
LIFETIME = timedelta(hours=10)  # one working day


@dataclass(frozen=True)
class Session:
    """Who is signed in (None before sign-in), the CSRF token of its forms, when it began (epoch seconds)."""

    csrf: str
    begun: int
    user_id: str | None = None
    stamp: str = ""

    def allows(self, token: str) -> bool:
        """Whether a form's token is this session's, compared in constant time."""
        return hmac.compare_digest(self.csrf.encode(), token.encode())


class Sessions:
    """Reads and writes the cookie with the key in `home/secret/session.key`."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._signer = URLSafeSerializer(kept_secret(home, "session.key"), salt="session")
        self._clock = clock

    def begin(self, user_id: str | None = None, stamp: str = "") -> Session:
        """A new session with a new token: never the one from before sign-in."""
        return Session(secrets.token_urlsafe(24), int(self._clock.now().timestamp()), user_id, stamp)

    def read(self, request: Request) -> Session | None:
        """The session of this request, or None when it is missing, altered or too old."""
        try:
            data = self._signer.loads(request.cookies.get(COOKIE, ""))
            session = Session(data["csrf"], data["begun"], data["user_id"], data["stamp"])
        except (BadSignature, KeyError, TypeError):
            return None
        begun = datetime.fromtimestamp(session.begun, self._clock.now().tzinfo)
        return session if self._clock.now() - begun < LIFETIME else None

    def write(self, response: Response, session: Session, *, secure: bool) -> None:
        """Set the cookie; `secure` when the page came over HTTPS."""
        response.set_cookie(
            COOKIE,
            self._signer.dumps(vars(session)),
            httponly=True,
            samesite="lax",
            secure=secure,
            max_age=int(LIFETIME.total_seconds()),
        )

    def end(self, response: Response) -> None:
        """Remove the cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
