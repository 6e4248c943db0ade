"""One step of a warning and its order, taken by a person: lock, check, change, record, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound, StaleVersion
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.order import OrderState, order_state
from mingjian.domain.recheck import UNANNOUNCED
from mingjian.domain.routing import RoutingReason
from mingjian.domain.terms import Terms
from mingjian.domain.warning import BACK_ACTIONS, CLOSED_STATES, WarningState, next_state, transition
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.store import audit, cards, orders, outbox, policies, rechecks, webhooks
from mingjian.store.cards import Given
from mingjian.store.orders import ORDER, WARNING, Step
from mingjian.store.tables import warning
from mingjian.supervise import co_handling, evaluations, letters
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.campaign import road
from mingjian.supervise.consequences import follows, spent
from mingjian.supervise.deputies import stand_in
from mingjian.supervise.effects import order_columns
from mingjian.supervise.guards import check
from mingjian.supervise.issue import Assigned, issue, said
from mingjian.supervise.merge import lead_steps, merged_columns
from mingjian.supervise.reading import next_mark, state_read, version_read
from mingjian.supervise.said import NOTHING, SYSTEM, Actor, Said
from mingjian.supervise.stamp import Effect
from mingjian.supervise.terms import under


def act(
    conn: Connection,
    clock: Clock,
    target: str,
    action: str,
    actor: Actor,
    words: Said = NOTHING,
    *,
    terms: Terms,
    expected_version: int | None = None,
) -> WarningState:
    """Take one step on the warning or order `target` in the caller's transaction; returns the new state.

    `expected_version` is that of the warning as the actor read it. `terms` are those in force in the city; an order
    goes on under those it was issued under. Where the actor's own role does not allow the step but that of somebody the
    actor stands in for does, it is taken on behalf of that person, if that person's data scope holds the matter. Raises
    NotFound, StaleVersion when somebody was faster, or TransitionError when the table, the role or a guard says no;
    then nothing is changed.
    """
    attempt = _attempt(conn, clock, target, action, actor, words, terms, expected_version)
    state = WarningState(attempt.warning["status"])
    to = next_state(state, attempt.step.action, attempt.role, _state_before(attempt, state))
    check(attempt)
    attempt = replace(attempt, to=to)
    if attempt.step.action == "dispatch":
        row = attempt.warning
        chosen = Assigned(
            row["id"], row["sector"], Level(row["level"]), attempt.unit_id or "", RoutingReason.CHOSEN
        )
        issue(conn, attempt.now, terms, [chosen], actor.id)
        webhooks.announce(conn, attempt.now, [_happened(attempt, to)])
        return to
    effect = order_columns(attempt, order_state(to), attempt.terms) if attempt.order else Effect()
    _write(attempt, state, to, effect)
    _note_recheck(attempt)
    evaluations.keep(attempt)
    road.follow(attempt)
    if action not in UNANNOUNCED:
        webhooks.announce(conn, attempt.now, [_happened(attempt, to)])
    after = follows(attempt)
    if after is None:
        return to
    return act(conn, clock, target, after.action, SYSTEM, Said(after.reason), terms=terms)


def _happened(attempt: Attempt, to: WarningState) -> Happened:
    row = attempt.warning
    into = attempt.lead["id"] if attempt.lead is not None else ""
    return Happened(
        WebhookEvent.WARNING_STEP, row["id"], attempt.step.action, to, mark=next_mark(row), into=into
    )


def _attempt(
    conn: Connection,
    clock: Clock,
    target: str,
    action: str,
    actor: Actor,
    words: Said,
    terms: Terms,
    expected_version: int | None,
) -> Attempt:
    into, sees_rechecks = words.lead_id, actor.sees_rechecks
    lead = orders.lock_warnings(conn, [target, into]).get(into) if into else None
    row = orders.lock_warning(conn, target)
    if row is None:
        raise NotFound(_("没有预警或督办单 {id}", id=target), hint=_("请核对编号"))
    version = version_read(row, sees_rechecks=sees_rechecks)
    if expected_version is not None and version != expected_version:
        raise stale(row["id"], version)
    order = orders.lock_order(conn, row["id"])
    if order is not None and order["policy_version"] != terms.policy.version:
        terms = under(terms, order["policy_version"], policies.known(conn))
    history = orders.steps_of(conn, row["id"])
    action = spent(action, history, terms.policy)
    standing = stand_in(conn, actor.id, actor.role, action, row, clock.now(), actor.holders)
    transition(state_read(row, sees_rechecks=sees_rechecks), action, standing.role)
    return Attempt(
        conn=conn,
        now=clock.now(),
        terms=terms,
        step=transition(WarningState(row["status"]), action, standing.role),
        warning=row,
        order=order,
        history=history,
        actor=actor.id,
        role=standing.role,
        on_behalf_of=standing.principal,
        reason=words.reason.strip(),
        note=words.note.strip(),
        unit_id=words.unit_id or (row["unit_id"] if action == "dispatch" else None),
        days=words.days,
        lead=lead,
        scores=words.scores,
    )


def stale(id: str, version: int, told: str = "") -> StaleVersion:
    """The refusal of a step that was decided on an older reading; `told` says so of a thing that is no warning."""
    return StaleVersion(
        told or _("预警 {id} 已被他人办理过", id=id),
        hint=_("请先查看变动，再决定是否继续"),
        current=version,
    )


def _state_before(attempt: Attempt, state: WarningState) -> WarningState | None:
    """The state that the present interruption left, from the step that began it."""
    for step in reversed(attempt.history):
        if (
            step["object_kind"] == WARNING
            and step["to_state"] == state
            and step["from_state"] != state
            and step["action"] not in BACK_ACTIONS
        ):
            return WarningState(step["from_state"])
    return None


def _write(attempt: Attempt, state: WarningState, to: WarningState, effect: Effect) -> None:
    changes: dict[str, Any] = {"status": to, "closed_at": _closed_at(attempt, to)}
    if "unit_id" in effect.columns:
        changes["unit_id"] = effect.columns["unit_id"]
    if attempt.step.action == "assign":
        changes["unit_id"] = attempt.unit_id
    changes |= merged_columns(attempt)
    if attempt.step.action in UNANNOUNCED:
        changes["unseen"] = warning.c.unseen + 1
    attempt.conn.execute(update(warning).where(warning.c.id == attempt.warning["id"]).values(**changes))
    steps = [
        Step(
            WARNING,
            attempt.warning["id"],
            attempt.step.action,
            state,
            to,
            attempt.actor,
            attempt.now,
            str(attempt.days) if attempt.step.action == "ask_extension" else attempt.reason,
            attempt.note,
            attempt.on_behalf_of,
        )
    ]
    if attempt.order is not None:
        if any(attempt.order[name] != value for name, value in effect.columns.items()):
            orders.update_orders(attempt.conn, [{"id": attempt.order["id"], **effect.columns}])
        steps += _stamp_step(attempt, effect)
        _cards(attempt, to, effect)
        written = [*letters.after(attempt, effect), *co_handling.note(attempt)]
        outbox.enqueue(attempt.conn, written, attempt.now)
    orders.add_steps(attempt.conn, steps, orders.last_seqs_in(attempt.history))
    orders.add_steps(attempt.conn, lead_steps(attempt))
    audit.record(
        attempt.conn,
        at=attempt.now,
        actor=attempt.actor,
        action=attempt.step.action,
        object_kind=WARNING,
        object_id=attempt.warning["id"],
        detail=_detail(attempt, state, to, effect),
    )


def _note_recheck(attempt: Attempt) -> None:
    """A step that is a recheck, or its result, is one of the planned check as well, however it was taken."""
    action, warning_id = attempt.step.action, attempt.warning["id"]
    if action == "recheck":
        days = attempt.terms.policy.days(Limit.RECHECK_RESULT, Level(attempt.warning["level"]))
        due = attempt.terms.calendar.add(attempt.now, days).at
        rechecks.bring_forward(attempt.conn, warning_id, attempt.now, due)
    elif action in rechecks.RESULT_OF:
        told = rechecks.Said(rechecks.RESULT_OF[action], attempt.reason, attempt.note, attempt.actor)
        rechecks.settle(attempt.conn, warning_id, told, attempt.now)
    elif action in ("reopen", "reopen_on_appeal", "correct_label"):
        rechecks.drop_planned(attempt.conn, warning_id)


def _cards(attempt: Attempt, to: WarningState, effect: Effect) -> None:
    """A tier reached gives its card; a matter that is closed takes its cards back."""
    order = attempt.held()
    if effect.card is not None:
        color = attempt.terms.policy.tiers[effect.card].card
        given = Given(order["id"], order["unit_id"], effect.card, color, attempt.step.action, attempt.now)
        cards.give(attempt.conn, [given])
    if order_state(to) is OrderState.CLOSED:
        cards.lift(attempt.conn, order["id"], attempt.now, attempt.actor, attempt.step.action)


def _closed_at(attempt: Attempt, to: WarningState) -> Any:
    if to in CLOSED_STATES or to is WarningState.RECHECK:
        return attempt.warning["closed_at"] or attempt.now
    return None


def _stamp_step(attempt: Attempt, effect: Effect) -> list[Step]:
    """A newly set deadline keeps the limit it was computed from."""
    if effect.stamped is None or attempt.order is None:
        return []
    limit, days = effect.stamped
    before, after = attempt.order["state"], effect.columns["state"]
    return [
        Step(
            ORDER,
            attempt.order["id"],
            "stamp",
            before,
            after,
            attempt.actor,
            attempt.now,
            reason=limit,
            note=f"{days:g}",
            on_behalf_of=attempt.on_behalf_of,
        )
    ]


def _detail(attempt: Attempt, state: WarningState, to: WarningState, effect: Effect) -> dict[str, Any]:
    """What the audit row keeps: the step, its words, and each column of the order that changed."""
    before: dict[str, Any] = dict(attempt.order or {})
    changed = {
        column: [_plain(before.get(column)), _plain(value)]
        for column, value in effect.columns.items()
        if before.get(column) != value
    }
    detail: dict[str, Any] = {
        "from": state,
        "to": to,
        "role": attempt.role,
        "reason": attempt.reason,
        "note": attempt.note,
    }
    if attempt.unit_id:
        detail["unit"] = attempt.unit_id
    if attempt.lead is not None:
        detail["lead"] = attempt.lead["id"]
    if attempt.on_behalf_of is not None:
        detail["on_behalf_of"] = attempt.on_behalf_of
    return {**detail, "order": changed}


def _plain(value: Any) -> Any:
    return said(value) if isinstance(value, datetime) else value
