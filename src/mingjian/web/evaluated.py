"""Both sides of the evaluation: as a form sends them, and as a warning's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import RowMapping

from mingjian.domain.evaluation import (
    DATED,
    DIMENSIONS,
    HIGHEST,
    LOWEST,
    PublicOutcome,
    Respondent,
    Scores,
    Side,
    SupervisorOutcome,
    Verdict,
)
from mingjian.domain.i18n import _, pick
from mingjian.domain.policy import Policy
from mingjian.supervise.evaluations import standing_of
from mingjian.web import show
from mingjian.web.errors import BadRequest

FIELD = "score."
MARKS = {str(n): n for n in range(LOWEST, HIGHEST + 1)}


@dataclass(frozen=True)
class SaidShown:
    """What one side said at one time; `scores` are a dimension's name and mark."""

    at: datetime
    what: str
    scores: list[tuple[str, int]]
    words: str


@dataclass(frozen=True)
class RoundShown:
    """One round: both sides and what follows in words, by when somebody must act, and who said what."""

    number: int
    verdict: str
    due: str
    said: list[SaidShown]


def show_rounds(rows: Sequence[RowMapping], policy: Policy) -> list[RoundShown]:
    """The rounds of a matter, the newest first."""
    shown = []
    for number, group in groupby(rows, key=lambda row: row["round"]):
        told = list(group)
        standing = standing_of(told, policy)
        shown.append(
            RoundShown(number, standing.label, _due(told, standing.verdict), [_said(row) for row in told])
        )
    return shown[::-1]


def _due(told: Sequence[RowMapping], verdict: Verdict) -> str:
    """By when somebody must act on what the round has come to, in words; empty where nothing is dated."""
    dues = [row["due"] for row in told if row["due"]]
    if verdict not in DATED or not dues:
        return ""
    when = show.moment(dues[-1])
    if verdict is Verdict.SECOND_CONTACT:
        return _("再次联系期限 {when}", when=when)
    return _("决定期限 {when}", when=when)


def _said(row: RowMapping) -> SaidShown:
    side = Side(row["side"])
    if side is Side.PUBLIC:
        outcome = PublicOutcome(row["outcome"]).label
        who = Respondent(row["respondent"]).label
        template = _("再次联系{who}：{outcome}") if row["contact"] > 1 else _("回访{who}：{outcome}")
        what = template.format(who=who, outcome=outcome)
    else:
        what = _("监督评价：{outcome}", outcome=SupervisorOutcome(row["outcome"]).label)
    marks = [
        (pick(words), row["scores"][name])
        for name, words in DIMENSIONS[side].items()
        if name in row["scores"]
    ]
    return SaidShown(row["at"], what, marks, row["words"])


async def scores_of_form(request: Request) -> Scores | None:
    """A dependency: the marks that a form sends as `score.<dimension>`; None when it sends none."""
    form = await request.form()
    told = {name[len(FIELD) :]: value for name, value in form.items() if name.startswith(FIELD) and value}
    if not told:
        return None
    if any(not isinstance(mark, str) or mark not in MARKS for mark in told.values()):
        raise BadRequest(_("评分须为 1 至 5"), hint=_("返回上一页重新选择"))
    return Scores({name: MARKS[str(mark)] for name, mark in told.items()})


FormScores = Annotated[Scores | None, Depends(scores_of_form)]
