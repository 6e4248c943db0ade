"""Optimistic locking: the ETag an officer read must still hold when he writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header
from sqlalchemy import Connection

from mingjian.domain.i18n import _
from mingjian.store import queue
from mingjian.store.orders import order_id_of
from mingjian.web import labels
from mingjian.web.access import Access
from mingjian.web.api.problem import Change
from mingjian.web.errors import BadRequest, PreconditionMissing
from mingjian.web.unannounced import seen_steps

_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:\.(\d{1,9}))?"')


@dataclass(frozen=True)
class Seen:
    """What the caller has read: the version, and the number of the last step he knew of."""

    version: int
    seq: int


def tag_of(version: int, seq: int = 0) -> str:
    """The ETag of a warning or order: its version, and the number of the warning's last step."""
    return f'"{version}.{seq}"' if seq else f'"{version}"'


def read_tag(text: str) -> Seen:
    """What an ETag of ours says; BadRequest for any other."""
    found = _TAG.fullmatch(text.strip())
    if found is None:
        raise BadRequest(_("If-Match 不是本系统给出的 ETag"), hint=_("使用读取该记录时得到的 ETag"))
    return Seen(int(found[1]), int(found[2] or 0))


async def seen_version(if_match: Annotated[str, Header(max_length=40)] = "") -> Seen:
    """A dependency of a write on one record; PreconditionMissing (428) without If-Match."""
    if not if_match:
        raise PreconditionMissing(
            _("缺少 If-Match 请求头"), hint=_("先读取该记录，把得到的 ETag 放入 If-Match")
        )
    return read_tag(if_match)


IfMatch = Annotated[Seen, Depends(seen_version)]


def changes_since(
    conn: Connection, warning_id: str, seq: int, access: Access, most: int = 20
) -> list[Change]:
    """Steps of a warning after the one the caller knew, oldest first; a nightly refresh leaves none."""
    steps = queue.steps(conn, [warning_id, order_id_of(warning_id)], most=200)
    shown = seen_steps(steps, access)
    fresh = [s for s in reversed(shown) if s["object_kind"] == "warning" and s["seq"] > seq][-most:]
    names = queue.names_of(conn, sorted({s["actor"] for s in fresh}))
    return [_change(step, names) for step in fresh]


def _change(step: Mapping[Any, Any], names: dict[str, str]) -> Change:
    return Change(
        seq=step["seq"],
        action=step["action"],
        label=labels.label(labels.ACTION, step["action"]),
        who=names.get(step["actor"], step["actor"]),
        at=step["at"],
        from_state=step["from_state"],
        to_state=step["to_state"],
        reason=step["reason"],
    )
