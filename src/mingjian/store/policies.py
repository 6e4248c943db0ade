"""The repository of supervision policies: each version's text as it was first used, never another under it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.policy import Policy
from mingjian.store.tables import policy_archive


def keep(conn: Connection, policy: Policy, at: datetime) -> None:
    """Keep this version's text on its first use; ContentError when another text was used under its number."""
    body = policy.model_dump(mode="json")
    statement = insert(policy_archive).values(version=policy.version, body=body, first_used=at)
    conn.execute(statement.on_conflict_do_nothing(index_elements=["version"]))
    kept = conn.scalar(select(policy_archive.c.body).where(policy_archive.c.version == policy.version))
    if kept != body:
        changed = sorted(name for name, value in body.items() if (kept or {}).get(name) != value)
        raise ContentError(
            _("督办政策第 {n} 版已用过，内容却不同：{parts}", n=policy.version, parts="、".join(changed)),
            hint=_("把 policy.yaml 的 version 加 1；已发出的督办单仍按原版本办理"),
        )


def known(conn: Connection) -> dict[int, Policy]:
    """Every version that was ever used."""
    rows = conn.execute(select(policy_archive.c.version, policy_archive.c.body))
    return {row.version: Policy.model_validate(row.body) for row in rows}
