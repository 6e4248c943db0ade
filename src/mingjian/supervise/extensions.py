"""Extensions (catalogue §4.3): asked for before the deadline, granted by the role whose turn it is, never a third."""

from __future__ import annotations

from sqlalchemy import RowMapping

from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.terms import Terms
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.stamp import Effect, moved_to
from mingjian.supervise.tiers import raised_to


def granted(a: Attempt) -> int:
    """How many extensions the order has been given."""
    return len(a.steps("grant_extension"))


def may_ask(a: Attempt) -> str | None:
    """In time, for no more days than the policy allows, with a reason, and not while another waits for an answer."""
    terms = a.terms.policy.extensions
    if _pending(a) is not None:
        return _("上一次延期申请尚未答复")
    if a.now >= a.terms.calendar.opens_before(a.held()["finish_due"], terms.apply_before - 1):
        return _("须在期限前至少 {n} 个工作日申请", n=terms.apply_before)
    longest = terms.longest(_first_limit(a))
    if not a.days or not 1 <= a.days <= longest:
        return _("延期须为 1 至 {n} 个工作日", n=longest)
    return None if a.note else _("须写明延期理由")


def asked(a: Attempt) -> str | None:
    """Somebody waits for an answer, and it is not the one who answers."""
    pending = _pending(a)
    if pending is None:
        return _("没有待答复的延期申请")
    return _("申请人不能答复自己的申请") if a.took_one_of([pending]) else None


def may_grant(a: Attempt) -> str | None:
    """The first extension is granted by the first role of the policy, the second by the second."""
    objection = asked(a)
    if objection:  # first: once all are granted, nobody's turn is left to look up
        return objection
    needed = a.terms.policy.extensions.granted_by[granted(a)]
    if a.role is not needed:
        return _("第 {n} 次延期须由 {role} 批准", n=granted(a) + 1, role=needed)
    return None


def grant(a: Attempt, terms: Terms) -> Effect:
    """The deadline moves by the days asked for; the limit is stamped as days from now, so it can be computed again."""
    days = int(a.steps("ask_extension")[-1]["reason"])
    due = terms.calendar.add(a.held()["finish_due"], days)
    return Effect(moved_to(terms, due).columns, (_limit(a), terms.calendar.between(a.now, due.at)))


def spent(a: Attempt, _terms: Terms) -> Effect:
    """One more than the policy allows: the letter of the second tier, and no day more."""
    return raised_to(a, 2)


def _pending(a: Attempt) -> RowMapping | None:
    """The request, while nobody has answered it."""
    turns = a.steps("ask_extension", "grant_extension", "refuse_extension")
    return turns[-1] if turns and turns[-1]["action"] == "ask_extension" else None


def _first_limit(a: Attempt) -> float:
    """Working days of the limit that the present deadline was stamped with, as the policy sets it."""
    return a.terms.policy.days(_limit(a), Level(a.warning["level"]))


def _limit(a: Attempt) -> Limit:
    return Limit(a.steps("issue", "stamp")[-1]["reason"])
