"""Group robots of WeCom, DingTalk and Feishu.

Apprise reads the address and signs; the exchange is ours, because Apprise takes every answer with status 200 for
success, and these services say in its body that they refused (docs/decisions/0018-robots-answers.md).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from apprise import Apprise
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Message, Refused, TryLater, cut, text_of
from mingjian.notify.channels.http import Gateway, read_json

HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Robot(ABC):
    """Posts a text to one group. `address` is the robot's https address, or the short form that Apprise knows."""

    plugin: ClassVar[Any]
    code_field: ClassVar[str]
    busy_codes: ClassVar[frozenset[int]]  # the service asks to come back later

    def __init__(self, address: str, timeout: float, allow_private: bool = False) -> None:
        self.known: Any = None
        if not address.startswith(("https://", "http://")):
            self.known = Apprise.instantiate(address, suppress_exceptions=True)
            if not isinstance(self.known, self.plugin):
                raise ValueError(_("看不懂机器人地址"))
        url = self.url_of(self.known) if self.known else address
        self.gateway = Gateway(url, timeout, allow_private)
        self.secrets: tuple[str, ...] = (
            address,
            url,
            *url.split("=")[1:2],
            url.rstrip("/").rsplit("/", 1)[-1],
        )

    @staticmethod
    @abstractmethod
    def url_of(known: Any) -> str:
        """The https address of what Apprise has read."""

    @staticmethod
    @abstractmethod
    def payload(text: str) -> dict[str, Any]:
        """The body that the service wants for a plain text."""

    def query(self) -> dict[str, str]:
        """What each request adds to the address."""
        return {}

    def send(self, message: Message) -> None:
        """Raises Refused or TryLater, also for an answer of status 200 that says no."""
        text = cut(text_of(message), self.plugin.body_maxlen)
        content = json.dumps(self.payload(text), ensure_ascii=False).encode()
        answer = read_json(
            self.gateway.exchange("POST", content=content, headers=HEADERS, query=self.query())
        )
        code = answer.get(self.code_field)
        if code == 0:
            return
        why = f"{self.code_field}={code} {str(answer.get('errmsg') or answer.get('msg') or '')[:100]}".strip()
        if code is None or code in self.busy_codes:
            raise TryLater(why)
        raise Refused(why)


class WeComRobot(Robot):
    plugin = NotifyWeComBot
    code_field = "errcode"
    busy_codes = frozenset({-1, 45009, 45033})  # busy, too many calls, too many at once

    @staticmethod
    def url_of(known: Any) -> str:
        return str(known.api_url)

    @staticmethod
    def payload(text: str) -> dict[str, Any]:
        return {"msgtype": "text", "text": {"content": text}}


class DingTalkRobot(Robot):
    plugin = NotifyDingTalk
    code_field = "errcode"
    busy_codes = frozenset({-1, 130101, 410100})  # busy, sent too fast

    @staticmethod
    def url_of(known: Any) -> str:
        return str(known.notify_url.format(token=known.token))

    @staticmethod
    def payload(text: str) -> dict[str, Any]:
        return {"msgtype": "text", "text": {"content": text}}

    def query(self) -> dict[str, str]:
        if self.known is None or not self.known.secret:
            return {}
        timestamp, signed = self.known.get_signature()
        return {"timestamp": timestamp, "sign": self.known.unquote(signed)}


class FeishuRobot(Robot):
    plugin = NotifyFeishu
    code_field = "code"
    busy_codes = frozenset({11232, 11233})  # too many calls

    @staticmethod
    def url_of(known: Any) -> str:
        return str(known.notify_url.format(token=known.token)).rstrip("/")

    @staticmethod
    def payload(text: str) -> dict[str, Any]:
        return {"msg_type": "text", "content": {"text": text}}
