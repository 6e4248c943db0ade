"""A real SMTP server on this machine that refuses when the test says so."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class MailServer:
    """`at_recipient` and `at_text` are answers given in turn instead of yes; `mails` holds what came whole."""

    def __init__(self, *, password: bytes | None = None) -> None:
        self.at_recipient: list[str] = []
        self.at_text: list[str] = []
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []
        self.port = _free_port()
        options: dict[str, Any] = {}
        if password:
            options = {
                "auth_required": True,
                "auth_require_tls": False,
                "authenticator": lambda _server, _session, _envelope, _how, said: AuthResult(
                    success=said.password == password, handled=False
                ),
            }
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    def url(self, user: str = "") -> str:
        """The server as an Apprise address; `user` as name:password@."""
        return f"mailto://{user}127.0.0.1:{self.port}?from=mingjian@city.test&mode=insecure"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.at_recipient:
            return self.at_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.to += envelope.rcpt_tos
        return self.at_text.pop(0) if self.at_text else "250 OK"

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
