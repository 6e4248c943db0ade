"""Requests that must be refused: each kind by name, how it is put, and the one answer that is right."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mingjian.simulate.client import Answer, Client

NOBODY = "mj_nobody"
AUDITOR_SEES_NO_CASE = "C.R11"


class Wrong(StrEnum):
    """What is wrong with the request."""

    STALE = "stale"  # decided on an older reading
    NO_ETAG = "no_etag"  # says nothing of what was read
    NO_KEY = "no_key"  # carries no idempotency key
    WRONG_ROLE = "wrong_role"  # a step that belongs to another role
    UNKNOWN_STEP = "unknown_step"
    OTHER_UNIT = "other_unit"  # a matter of another unit
    OTHER_UNIT_STEP = "other_unit_step"  # a step on a matter of another unit
    AUDITOR = "auditor"  # an auditor reads no case
    NO_TOKEN = "no_token"  # noqa: S105 - a kind of request
    REPLAY = "replay"  # the same request again: answered again, done once
    KEY_REUSED = "key_reused"  # another request under a key that is used up


@dataclass(frozen=True)
class Case:
    """What a wrong request is made from: the matter, its reading, who may act on it, and who may not see it."""

    client: Client
    id: str
    etag: str
    who: str
    stranger: str
    key: str


Put = Callable[[Case], Answer]


def _steps(case: Case) -> str:
    return f"/warnings/{case.id}/steps"


def _older(etag: str) -> str:
    """The ETag of the version before this one."""
    version, dot, rest = etag.strip('"').partition(".")
    return f'"{int(version) - 1}{dot}{rest}"'


def _post(who: str, action: str, etag: Callable[[str], str]) -> Put:
    def put(case: Case) -> Answer:
        asker = getattr(case, who)
        return case.client.post(asker, _steps(case), {"action": action}, case.key, etag(case.etag))

    return put


# Before the step is taken. Nobody at all may take `wait`: it is the system's.
BEFORE: Mapping[Wrong, tuple[Put, int]] = {
    Wrong.STALE: (_post("who", "sign", _older), 412),
    Wrong.NO_ETAG: (_post("who", "sign", lambda _etag: ""), 428),
    Wrong.NO_KEY: (lambda c: c.client.post(c.who, _steps(c), {"action": "sign"}, "", c.etag), 400),
    Wrong.WRONG_ROLE: (_post("who", "wait", lambda etag: etag), 409),
    Wrong.UNKNOWN_STEP: (_post("who", "make_disappear", lambda etag: etag), 409),
    Wrong.OTHER_UNIT: (lambda c: c.client.get(c.stranger, f"/warnings/{c.id}"), 404),
    Wrong.OTHER_UNIT_STEP: (_post("stranger", "sign", lambda etag: etag), 404),
    Wrong.AUDITOR: (lambda c: c.client.get(AUDITOR_SEES_NO_CASE, f"/warnings/{c.id}"), 403),
    Wrong.NO_TOKEN: (lambda c: c.client.get(NOBODY, f"/warnings/{c.id}"), 401),
}
AFTER = (Wrong.REPLAY, Wrong.KEY_REUSED)


def drawn(draws: random.Random, bad: float) -> Wrong | None:
    """The kind of wrong request that comes with a visit, if one does."""
    return draws.choice(list(Wrong)) if draws.random() < bad else None


def put_before(kind: Wrong, case: Case) -> str:
    """Put a request that must be refused; empty when it was, else what was answered instead."""
    put, right = BEFORE[kind]
    answer = put(case)
    return "" if answer.status == right else f"{kind}: {answer.status} for {right}"


def put_again(kind: Wrong, case: Case, body: Mapping[str, Any], first: Answer) -> str:
    """Send a step that was taken once more, the same or another one under its key; empty when all is right."""
    if kind is Wrong.KEY_REUSED:
        other = case.client.post(case.who, _steps(case), {**body, "note": "另一请求"}, case.key, case.etag)
        return "" if other.status == 422 else f"{kind}: {other.status} for 422"
    again = case.client.post(case.who, _steps(case), body, case.key, case.etag)
    same = again.status == first.status and again.body == first.body
    replayed = again.headers.get("idempotency-replayed") == "true"
    return "" if same and replayed else f"{kind}: {again.status}, not the first answer"
