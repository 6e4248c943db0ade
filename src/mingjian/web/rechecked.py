"""The plan of a recheck as a supervisor's page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping

from mingjian.domain.recheck import CheckState, Method, RecheckReason, RecheckResult, Rerun
from mingjian.web.codes import coded_words


@dataclass(frozen=True)
class CheckShown:
    """One check: its day, where it stands, how people look, what they found."""

    due_on: date
    state: str
    methods: str
    result: str
    finding: str


@dataclass(frozen=True)
class RecheckShown:
    """Why people look again (or do not), what the model said since, and the checks; `other` is another warning's id."""

    why: str
    rerun: str
    rerun_as_of: date | None
    other: str
    checks: list[CheckShown]


def show_plan(found: tuple[RowMapping, Sequence[RowMapping]] | None) -> RecheckShown | None:
    """The plan in words; None when nothing has been decided about the matter."""
    if found is None:
        return None
    plan, checks = found
    return RecheckShown(
        " · ".join(RecheckReason(r).label for r in plan["reasons"]),
        Rerun(plan["rerun"]).label,
        plan["rerun_as_of"],
        plan["rerun_detail"].get("warning", ""),
        [_check(c) for c in checks],
    )


def _check(check: RowMapping) -> CheckShown:
    return CheckShown(
        check["due_on"],
        CheckState(check["state"]).label,
        " · ".join(Method(m).label for m in check["methods"]),
        RecheckResult(check["result"]).label if check["result"] else "",
        coded_words(check["finding"]),
    )
