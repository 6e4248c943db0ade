"""The session cookie: signed, never readable by scripts. It carries a random key; the session itself is a row."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from mingjian.domain.clock import Clock
from mingjian.domain.sign_in import AgentClass, Way
from mingjian.store import sessions
from mingjian.store.identity import User
from mingjian.store.keyfile import kept_secret

COOKIE = "mingjian_session"
UNFINISHED = timedelta(minutes=10)  # between the password and the code, or while the provider is asked


@dataclass(frozen=True)
class Session:
    """The CSRF token of its forms, when it began (epoch seconds), and the key of its row; no key before sign-in.

    `waiting` is what a sign-in under way must remember: who typed a password, or what was sent to the provider.
    """

    csrf: str
    begun: int
    key: str = ""
    waiting: dict[str, str] = field(default_factory=dict)

    def allows(self, token: str) -> bool:
        """Whether a form's token is this session's, compared in constant time."""
        return hmac.compare_digest(self.csrf.encode(), token.encode())


class Sessions:
    """Reads and writes the cookie with the key in `home/secret/session.key`."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._signer = URLSafeSerializer(kept_secret(home, "session.key"), salt="session")
        self._clock = clock

    def nobody(self, waiting: dict[str, str] | None = None) -> Session:
        """A session before sign-in."""
        return Session(secrets.token_urlsafe(24), self._seconds(), waiting=waiting or {})

    def begin(
        self,
        conn: Connection,
        user: User,
        way: Way = Way.PASSWORD,
        agent: AgentClass = AgentClass.DESKTOP,
    ) -> Session:
        """A signed-in session with a new key and a new token: never those from before sign-in."""
        session = Session(secrets.token_urlsafe(24), self._seconds(), secrets.token_urlsafe(32))
        sessions.begin(conn, self._clock.now(), user, session.key, way, agent)
        return session

    def read(self, request: Request) -> Session | None:
        """The session of this request's cookie, or None when it is missing, altered or too old.

        Whether its row still lets anybody in is asked of the store.
        """
        try:
            session = Session(**self._signer.loads(request.cookies.get(COOKIE, "")))
            return session if self._age(session) < sessions.LIFETIME else None
        except (BadSignature, TypeError):
            return None

    def waiting(self, request: Request) -> dict[str, str]:
        """What a sign-in under way remembers; empty when there is none or it took too long."""
        session = self.read(request)
        return session.waiting if session is not None and self._age(session) < UNFINISHED else {}

    def write(self, response: Response, session: Session, *, secure: bool) -> None:
        """Set the cookie; `secure` when the page came over HTTPS."""
        response.set_cookie(
            COOKIE,
            self._signer.dumps(asdict(session)),
            httponly=True,
            samesite="lax",
            secure=secure,
            max_age=int(sessions.LIFETIME.total_seconds()),
        )

    def forget(self, response: Response) -> None:
        """Remove the cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())

    def _age(self, session: Session) -> timedelta:
        return self._clock.now() - datetime.fromtimestamp(session.begun, self._clock.now().tzinfo)
