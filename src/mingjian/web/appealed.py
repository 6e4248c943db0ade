"""Appeals as their reader may see them: on a warning's page and in the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mingjian.domain.appeal import (
    CONTESTED,
    PARTY_OF,
    STEPS,
    Against,
    AppealOutcome,
    AppealState,
    AppealStep,
    Party,
)
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState
from mingjian.web.codes import coded_words
from mingjian.web.viewer import Viewer


@dataclass(frozen=True)
class AppealShown:
    """One appeal in words, and the steps that this reader may try on it."""

    id: int
    what: str
    state: str
    filed_at: datetime
    due_at: datetime
    open: bool
    overdue: bool
    words: str
    reason: str
    steps: list[AppealStep]


@dataclass(frozen=True)
class AppealsShown:
    """The appeals about a warning, and what this reader may contest now."""

    filed: list[AppealShown]
    may_file: list[Against]


def seen_appeal(row: Mapping[Any, Any], viewer: Viewer) -> Mapping[Any, Any]:
    """An appeal as this reader may see it: who complained stays unknown to the unit, so a person's words do too."""
    if viewer.access.complainant or row["party"] != Party.PERSON:
        return row
    return {**row, "filed_by": "", "words": ""}


def show_appeals(
    rows: Sequence[Mapping[Any, Any]], warning: Mapping[Any, Any], viewer: Viewer
) -> AppealsShown:
    """Every appeal about this warning for its page, the newest first."""
    party, status = PARTY_OF.get(Role(viewer.user.role)), WarningState(warning["status"])
    may_file = [a for a, c in CONTESTED.items() if party in c.parties and status in c.states]
    return AppealsShown([_shown(row, viewer) for row in rows], may_file)


def _shown(row: Mapping[Any, Any], viewer: Viewer) -> AppealShown:
    state, seen = AppealState(row["state"]), seen_appeal(row, viewer)
    told = AppealOutcome(row["outcome"]).label if row["outcome"] else state.label
    return AppealShown(
        row["id"],
        _("{party}{against}", party=Party(row["party"]).label, against=Against(row["against"]).label),
        told,
        row["filed_at"],
        row["due_at"],
        any(of is state for of, _step in STEPS),
        row["overdue_at"] is not None and row["decided_at"] is None,
        seen["words"],
        coded_words(row["reason"]),
        [step for of, step in STEPS if of is state and _may(step, row, viewer)],
    )


def _may(step: AppealStep, row: Mapping[Any, Any], viewer: Viewer) -> bool:
    if step is AppealStep.WITHDRAW:
        return bool(row["filed_by"] == viewer.user.id)
    return bool(row["office"] == viewer.user.role)
