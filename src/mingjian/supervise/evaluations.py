"""Double evaluation (双重评价, catalogue §4.6): who may say what in a round, what is kept of it, and what follows by itself.

A round begins with each report accepted. Neither a suspension nor a take-over ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.evaluation import (
    CLOSABLE,
    DATED,
    DISSATISFIED,
    EXEMPT_REASONS,
    ROUND_BEGINS,
    SENT_BACK,
    PublicOutcome,
    PublicSide,
    Respondent,
    Scores,
    Side,
    Standing,
    SupervisorSide,
    Try,
    Verdict,
    exempt_code,
    outcome_said,
    public_side,
)
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.policy import Policy
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import evaluations
from mingjian.supervise import tiers
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.halted import days_given_back, stopped_at
from mingjian.supervise.stamp import Effect, days_of, stamp

COMPLAINT_KINDS = frozenset({"complaint", "complaint_group", "complaint_subject"})


@dataclass(frozen=True)
class Round:
    """One round as it stands: its number, its rows on each side, and what the matrix says of them."""

    number: int
    public: list[RowMapping]
    supervisor: list[RowMapping]
    standing: Standing

    @property
    def tries(self) -> list[RowMapping]:
        """The tries of the conversation that is due now."""
        return [row for row in self.public if row["contact"] == self.standing.contact]


def standing_of(rows: Sequence[Mapping[Any, Any]], policy: Policy) -> Standing:
    """Both sides of the round that these rows belong to."""
    tries = [Try(r["contact"], PublicOutcome(r["outcome"])) for r in rows if r["side"] == Side.PUBLIC]
    scored = [SupervisorSide(r["outcome"]) for r in rows if r["side"] == Side.SUPERVISOR]
    return Standing(
        public_side(tries, policy.evaluation.attempts), scored[-1] if scored else SupervisorSide.OPEN
    )


def round_of(a: Attempt) -> Round:
    """The round that the matter is in, or was in last."""
    number = max(len(a.steps(ROUND_BEGINS)), 1)
    rows = evaluations.of_round(a.conn, a.warning["id"], number)
    public = [r for r in rows if r["side"] == Side.PUBLIC]
    supervisor = [r for r in rows if r["side"] == Side.SUPERVISOR]
    return Round(number, public, supervisor, standing_of(rows, a.terms.policy))


# --- who may say what


def may_visit(a: Attempt) -> str | None:
    """The public side is asked by one who is not the evaluator, at most so often, each try on another day."""
    if outcome_said(a.reason) is None:
        return _("理由须以回访结论开头：{codes}", codes="、".join(PublicOutcome))
    said = a.scores or Scores()
    if not said.fits(Side.PUBLIC):
        return _("公众评分只有 result、speed、manner 三项，每项 1 至 5 分")
    now = round_of(a)
    return _sampled(a, said) or _another_person(a, now) or _contact_open(a, now)


def _sampled(a: Attempt, said: Scores) -> str | None:
    if (
        said.respondent is not Respondent.OWNER_AND_SAMPLE
        or outcome_said(a.reason) is PublicOutcome.NOT_REACHED
    ):
        return None
    least = a.terms.policy.evaluation.sample
    if a.warning["subject_kind"] == "village" and (said.households or 0) < least:
        return _("村级事项除项目主管外须抽访至少 {n} 户，并记下户数", n=least)
    return None


def _another_person(a: Attempt, now: Round) -> str | None:
    if a.took_one_of(now.supervisor):
        return _("监督评价人不能再作回访")
    first = [row for row in now.public if row["contact"] == 1]
    if now.standing.contact == 2 and a.took_one_of(first):
        return _("再次联系须由另一人进行")
    return None


def _contact_open(a: Attempt, now: Round) -> str | None:
    if now.standing.public is PublicSide.UNREACHED:
        return _("已联系 {n} 次，不再联系", n=a.terms.policy.evaluation.attempts)
    if now.standing.public is PublicSide.UNSATISFIED and now.standing.verdict is not Verdict.SECOND_CONTACT:
        return _("群众不满意，待监督评价后再定是否再次联系")
    if now.standing.public in (PublicSide.SATISFIED, PublicSide.STILL_UNSATISFIED):
        return _("本轮回访已有结论")
    if any(_city_day(row["at"]) == _city_day(a.now) for row in now.tries):
        return _("今天已联系过，请另择一天")
    return None


def may_evaluate(a: Attempt) -> str | None:
    """The supervisor scores every point once a round, and has neither handled the matter nor called back about it."""
    tier = a.held().get("tier", 1)
    if a.role is not Role.R4 and a.role not in a.terms.policy.tiers[tier].offices:
        return _("{tier} 级督办只能由 R4 或持有该层级的机关评价", tier=tier)
    now = round_of(a)
    if now.supervisor:
        return _("本轮已作监督评价")
    if a.took_one_of(now.public):
        return _("回访人不能同时作监督评价")
    if a.scores is None or not a.scores.is_whole(Side.SUPERVISOR):
        return _("须为 evidence、truth、cause、redress 四项各打 1 至 5 分")
    return None


def may_close(a: Attempt) -> str | None:
    """Closed when the matrix says so, and not by who called back."""
    now = round_of(a)
    if not now.public:
        return _("尚未回访")
    if a.took_one_of(now.public):
        return _("回访人不能同时作监督评价")
    if not now.supervisor:
        return _("尚未作监督评价")
    return None if now.standing.verdict in CLOSABLE else _not_so(now)


def may_exempt(a: Attempt) -> str | None:
    """Only where the public is still not satisfied though the result passed; the explanation given is kept."""
    now = round_of(a)
    if now.standing.verdict is not Verdict.EXPLAIN_OR_REWORK:
        return _not_so(now)
    if a.took_one_of(now.public):
        return _("回访人不能同时作监督评价")
    if exempt_code(a.reason) is None:
        return _("理由须以原因码开头：{codes}", codes="、".join(EXEMPT_REASONS))
    return None if a.note else _("须写明向群众解释的内容")


def _not_so(now: Round) -> str:
    return _("双重评价的结论不允许：{said}", said=now.standing.label)


# --- what is kept, and what follows


def keep(a: Attempt) -> None:
    """Write what one side said, with the day by which somebody must act where it calls for that."""
    if a.step.action not in ("visit_back", "evaluate"):
        _move_on(a)
        return
    said, now = a.scores or Scores(), round_of(a)
    public = a.step.action == "visit_back"
    side = Side.PUBLIC if public else Side.SUPERVISOR
    outcome = outcome_said(a.reason) if public else said.outcome(a.terms.policy.evaluation.pass_score)
    row = {
        "warning_id": a.warning["id"],
        "round": now.number,
        "side": side,
        "contact": now.standing.contact if public else 1,
        "attempt": len(now.public if public else now.supervisor) + 1,
        "outcome": outcome,
        "scores": dict(said.values),
        "resolved": said.resolved,
        "respondent": (said.respondent or _respondent(a)) if public else None,
        "households": said.households,
        "unit_id": a.warning["unit_id"],
        "actor": a.actor,
        "on_behalf_of": a.on_behalf_of,
        "words": a.note,
        "at": a.now,
    }
    evaluations.add(a.conn, {**row, "due": _due(a, now, row)})


def _respondent(a: Attempt) -> Respondent:
    complained = a.warning["subject_kind"] in COMPLAINT_KINDS
    return Respondent.COMPLAINANT if complained else Respondent.AFFECTED


def _due(a: Attempt, now: Round, row: Mapping[str, Any]) -> datetime | None:
    """Set by the row that turns the verdict into one that somebody must act on by a day."""
    policy = a.terms.policy
    after = standing_of([*now.public, *now.supervisor, row], policy).verdict
    if after not in DATED or after is now.standing.verdict:
        return None
    decides = policy.days(Limit.EVALUATE, Level(a.warning["level"]))
    days = policy.evaluation.second_contact if after is Verdict.SECOND_CONTACT else decides
    return a.terms.calendar.add(a.now, days).at


def _move_on(a: Attempt) -> None:
    """A deadline that stood still while the matter was out of evaluation gets back the days that were left."""
    stopped = stopped_at(a, (WarningState.EVALUATING,))
    if stopped is None or a.step.action == ROUND_BEGINS:
        return
    now = round_of(a)
    for row in (*now.public, *now.supervisor):
        if row["due"] is not None and row["due"] > stopped:
            evaluations.move_due(a.conn, row["id"], days_given_back(a, stopped, row["due"]))


def sends_back(a: Attempt) -> Verdict | None:
    """The verdict by which the matter goes back by itself after this step, or None."""
    if a.step.action not in ("visit_back", "evaluate"):
        return None
    verdict = round_of(a).standing.verdict
    return verdict if verdict in SENT_BACK else None


def sent_back(a: Attempt, terms: Terms) -> Effect:
    """A share of the first limit; one level up where both sides found fault, and by how often the public did.

    The card of the level is given even where the order already stands at it: the first unsatisfied round is a
    reminder (catalogue §4.5).
    """
    now, policy = round_of(a).standing, terms.policy.evaluation
    stamped = stamp(a, terms, Limit.RECTIFY, policy.days(days_of(a, terms, Limit.RECTIFY)))
    if now.public not in DISSATISFIED:
        return stamped
    least = policy.least_tier(evaluations.unsatisfied_rounds(a.conn, a.warning["id"]))
    one_up = a.held()["tier"] + (now.verdict is Verdict.ESCALATE)
    raised = tiers.raised_to(a, max(one_up, least))
    return Effect({**stamped.columns, **raised.columns}, stamped.stamped, raised.card or least)


def _city_day(moment: datetime) -> date:
    return moment.astimezone(CITY_TZ).date()
