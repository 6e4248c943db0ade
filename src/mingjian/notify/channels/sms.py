"""Short messages by the HTTP request of any gateway, as the city's channels file describes it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from mingjian.domain.channel import SmsRequest
from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Message, Refused, TryLater
from mingjian.notify.channels.http import Gateway, read_json


class SmsChannel:
    """Fills `{phone}`, `{text}`, `{token}` and `{key}` into the request; the address is the recipient's phone."""

    def __init__(self, gateway: Gateway, token: str, request: SmsRequest) -> None:
        self.gateway, self.token, self.request = gateway, token, request
        self.secrets: tuple[str, ...] = (token, gateway.url) if token else (gateway.url,)

    def send(self, message: Message) -> None:
        """Raises Refused or TryLater."""
        fields = self._filled(self.request.fields, message)
        headers = {name: self._filled(value, message) for name, value in self.request.headers.items()}
        query: dict[str, str] | None = None
        content: bytes | None = None
        if self.request.form == "json":
            content = json.dumps(fields, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        elif self.request.form == "form":
            content = urlencode(fields).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        else:
            query = {name: str(value) for name, value in fields.items()}
        answer = self.gateway.exchange(self.request.method, content=content, headers=headers, query=query)
        self._check(answer)

    def _filled(self, value: Any, message: Message) -> Any:
        """The places of every text in a structure; what was filled in is not searched for places again."""
        if isinstance(value, dict):
            return {name: self._filled(inner, message) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, message) for inner in value]
        return fill(value, self._places(message)) if isinstance(value, str) else value

    def _places(self, message: Message) -> dict[str, str]:
        text = " ".join(f"{message.subject} {message.body}".split())
        most = self.request.most_characters
        short = text if len(text) <= most else text[: most - 1] + "…"
        return {"phone": message.address, "text": short, "token": self.token, "key": message.key}

    def _check(self, answer: bytes) -> None:
        """Many gateways answer 200 and say in a field whether they took the message."""
        if self.request.ok_field is None:
            return
        said: Any = read_json(answer)
        for part in self.request.ok_field.split("."):
            said = said.get(part) if isinstance(said, dict) else None
        if str(said) == self.request.ok_value:
            return
        why = _("短信网关回复 {field}={value}", field=self.request.ok_field, value=str(said)[:40])
        raise TryLater(why) if said is None or str(said) in self.request.busy_values else Refused(why)


def fill(text: str, places: dict[str, str]) -> str:
    """`text` with each `{name}` of `places` filled in, in one pass; other braces stay as they are."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        filled.append(places[name] + rest if closed and name in places else "{" + part)
    return "".join(filled)
