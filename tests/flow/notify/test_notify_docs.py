"""docs/messages.md is tried: its receiver accepts what we send and nothing else, its file can be used."""

from __future__ import annotations

import re
from email.message import Message as Headers
from pathlib import Path
from typing import Any

import pytest
import yaml
from post_desk import Desk, letter
from receiver import Receiver

from mingjian.domain.channel import Channels
from mingjian.domain.message import MessageState
from mingjian.notify.wording import TEMPLATES

SECRET = "a-secret-of-the-webhook"


def block(repo: Path, language: str) -> str:
    page = (repo / "docs" / "messages.md").read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", page, re.M | re.S)
    assert found
    return found[1]


def test_the_receiver_of_the_page_knows_ours_from_all_others(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, repo: Path
) -> None:
    monkeypatch.setenv("MINGJIAN_WEBHOOK_URL", receiver.url)
    monkeypatch.setenv("MINGJIAN_WEBHOOK_SECRET", SECRET)
    desk.channels("webhook: {kind: webhook, allow_private: true}")
    desk.put(letter("a"))
    desk.deliver()
    (request,) = receiver.heard
    headers = Headers()
    for name, value in request.headers.items():
        headers[name] = value
    page: dict[str, Any] = {}
    exec(block(repo, "python"), page)  # noqa: S102 - the page is ours
    genuine, now = page["genuine"], desk.clock.now().timestamp()
    assert genuine(headers, request.body, SECRET, now)
    assert not genuine(headers, request.body + b" ", SECRET, now)
    assert not genuine(headers, request.body, "another", now)
    assert not genuine(headers, request.body, SECRET, now + 301)


def test_the_file_of_the_page_can_be_used(repo: Path) -> None:
    rules = Channels.model_validate(yaml.safe_load(block(repo, "yaml"))).channels
    assert {said.partition(":")[0] for rule in rules.values() for said in rule.named()} <= set(TEMPLATES)


def test_the_page_names_every_state(repo: Path) -> None:
    page = (repo / "docs" / "messages.md").read_text(encoding="utf-8")
    assert all(f"| `{state}` |" in page for state in MessageState)
