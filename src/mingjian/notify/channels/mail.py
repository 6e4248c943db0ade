"""Mail through Apprise, one recipient at a time.

Apprise says only yes or no; why not stands in its log, which is heard here and goes nowhere else, because it names
addresses and whole messages.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

from apprise import Apprise, NotifyFormat
from apprise.plugins.email import NotifyEmail

from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Message, Refused, TryLater

LOG = logging.getLogger("apprise")
LOG.propagate = False
LOG.addHandler(logging.NullHandler())
_one_at_a_time = threading.Lock()  # the log is one for the whole process

# `(550, b'no such user')` of a recipient or of the text; a third part is the sender's address, which is not the
# message's fault.
_ANSWER = re.compile(r"\((\d{3}), b?['\"](.*?)['\"]\)|refused: (\d{3}) b?['\"](.*)['\"]")
_CONNECTING = "Connection error"


class MailChannel:
    """Sends by the server of an Apprise address: mailtos://user:password@host?from=sender@host."""

    def __init__(self, address: str, timeout: float) -> None:
        with _one_at_a_time:
            found = Apprise.instantiate(address, suppress_exceptions=True)
        if not isinstance(found, NotifyEmail):
            raise ValueError(_("看不懂邮件服务器地址"))
        plugin: Any = found
        plugin.socket_connect_timeout = timeout
        plugin.notify_format = NotifyFormat.TEXT
        self.plugin = plugin
        self.secrets: tuple[str, ...] = tuple(s for s in (address, plugin.password, plugin.user) if s)

    def send(self, message: Message) -> None:
        """Raises Refused when the server will never take it (5xx to recipient or text), else TryLater."""
        with _one_at_a_time:
            heard = _Heard()
            self.plugin.targets = [(False, message.address)]
            self.plugin.headers = {"X-Mingjian-Key": message.key, "Auto-Submitted": "auto-generated"}
            LOG.addHandler(heard)
            level = LOG.level
            LOG.setLevel(logging.DEBUG)
            try:
                sent = self.plugin.notify(
                    title=message.subject, body=message.body, body_format=NotifyFormat.TEXT
                )
            finally:
                LOG.setLevel(level)
                LOG.removeHandler(heard)
        if not sent:
            raise heard.reason()


class _Heard(logging.Handler):
    """What Apprise says while it sends one message."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def reason(self) -> Refused | TryLater:
        told = [line for line in self.lines if "Exception" in line or "refused" in line]
        found = _ANSWER.search(" ".join(told))
        if found is None:
            last = told[-1].partition("Exception: ")[2][:120] if told else ""
            return TryLater(_("邮件服务器没有收下：{why}", why=last or _("原因不明")))
        code, said = (found[1] or found[3]), (found[2] or found[4] or "")
        why = f"SMTP {code} {said[:120]}"
        connecting = any(line.startswith(_CONNECTING) for line in self.lines)
        return TryLater(why) if connecting or not code.startswith("5") else Refused(why)
