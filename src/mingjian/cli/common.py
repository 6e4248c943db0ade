"""Options that commands share, and the day and the person they default to."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.purpose import Purpose
from mingjian.domain.terms import Terms
from mingjian.run import city_content, default_sources, today
from mingjian.store import reads

DAY = ["%Y-%m-%d"]
Actor = Annotated[
    str,
    typer.Option("--actor", default_factory=getpass.getuser, help="谁决定的，默认系统用户名 · who decides"),
]
Reason = Annotated[str, typer.Option("--reason", help="理由，记入审计 · why, kept in the audit log")]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, help="从哪天起，默认今天 · first day, today if unsaid"),
]


def first_day(said: datetime | None) -> date:
    """The day said, else the city's today."""
    return said.date() if said else today(default_sources())


def check_days(first: date, last: date | None) -> None:
    """MingjianError when the last day lies before the first."""
    if last is not None and last < first:
        raise MingjianError(
            _("止期 {last} 早于起期 {first}", last=last, first=first), hint=_("改正 --from 或 --to、--until")
        )


def check_reason(reason: str) -> str:
    """The reason without blanks around it; MingjianError when nothing is left."""
    if not reason.strip():
        raise MingjianError(_("请写明理由"), hint=_("用 --reason 说明为什么这样决定"))
    return reason.strip()


def note_reading(conn: Connection, ids: Sequence[str], command: str) -> None:
    """Audit row of a command that printed these warnings; a shell on the machine sees tokens, never a name."""
    reads.many(
        conn,
        ids,
        at=SystemClock().now(),
        actor=getpass.getuser(),
        purpose=Purpose.OPERATE,
        mask="token",
        where=command,
    )


def city_terms() -> Terms:
    """The terms of supervision of the city in this home: its policy and its calendar."""
    from mingjian.supervise import terms_of  # here, not above: --help should not wait for it

    folder = default_sources()
    return terms_of(city_content(folder, today(folder)))
