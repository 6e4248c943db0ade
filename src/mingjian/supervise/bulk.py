"""Many warnings at once: each is done or refused by itself, and those that are done are written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, update

from mingjian.domain.clock import Clock
from mingjian.domain.errors import MingjianError, NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.roles import Role
from mingjian.domain.routing import RoutingReason
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState, transition
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.store import audit, orders, webhooks
from mingjian.store.orders import WARNING, Step
from mingjian.store.tables import warning
from mingjian.supervise.guards import known_units
from mingjian.supervise.issue import Assigned, issue
from mingjian.supervise.merge import DUPLICATE
from mingjian.supervise.reading import next_mark, state_read, version_read
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.service import act, stale


@dataclass(frozen=True)
class Item:
    """One warning of a bulk action; `version` is the one the actor read, None where he does not say."""

    warning_id: str
    unit_id: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one item: its new state, or why it was refused."""

    id: str
    state: str | None = None
    error: MingjianError | None = None


@dataclass(frozen=True)
class By:
    """Who acts, on which rows (`scope` and `sees_rechecks`, from web.access), at which time."""

    actor: str
    role: Role
    scope: ColumnElement[bool]
    clock: Clock
    terms: Terms
    sees_rechecks: bool = True


def dispatch_many(conn: Connection, by: By, items: Sequence[Item]) -> list[Outcome]:
    """Dispatch triaged warnings to the unit named, else to the one proposed; outcomes in the items' order."""
    rows, refused, units = _sorted_out(conn, by, "dispatch", items)
    chosen = [rows[i] for i in units if i not in refused]
    sent = [
        Assigned(r["id"], r["sector"], Level(r["level"]), units[r["id"]], RoutingReason.CHOSEN)
        for r in chosen
    ]
    now = by.clock.now()
    issue(conn, now, by.terms, sent, by.actor)
    webhooks.announce(conn, now, [_happened(row, "dispatch", WarningState.DISPATCHED) for row in chosen])
    return _outcomes(items, refused, WarningState.DISPATCHED)


def assign_many(conn: Connection, by: By, items: Sequence[Item]) -> list[Outcome]:
    """Propose the unit of triaged warnings that are not dispatched yet; outcomes in the items' order."""
    rows, refused, units = _sorted_out(conn, by, "assign", items)
    chosen = {i: unit_id for i, unit_id in units.items() if i not in refused}
    if chosen:
        _write_assigned(conn, by, {i: rows[i] for i in chosen}, chosen)
    return _outcomes(items, refused, WarningState.TRIAGED)


def merge_many(
    conn: Connection, by: By, items: Sequence[Item], lead_id: str, note: str = ""
) -> list[Outcome]:
    """Merge duplicates into the lead, each in a savepoint of its own; outcomes in the items' order."""
    rows = orders.lock_warnings(conn, [lead_id, *(i.warning_id for i in items)], by.scope)
    if lead_id not in rows:
        raise _unseen(lead_id)
    # Before the first audit row: the sweep holds orders while it waits for the log's lock.
    orders.lock_orders(conn, rows)
    found: dict[str, Outcome] = {}
    for item in items:
        found.setdefault(item.warning_id, _merge(conn, by, item, rows, lead_id, note))
    return [found[item.warning_id] for item in items]


def _merge(
    conn: Connection, by: By, item: Item, rows: Mapping[str, RowMapping], lead_id: str, note: str
) -> Outcome:
    if item.warning_id not in rows:
        return Outcome(item.warning_id, error=_unseen(item.warning_id))
    try:
        with conn.begin_nested():
            state = act(
                conn,
                by.clock,
                item.warning_id,
                "merge",
                Actor(by.actor, by.role, by.sees_rechecks),
                Said(DUPLICATE, note, lead_id=lead_id),
                expected_version=item.version,
                terms=by.terms,
            )
    except MingjianError as error:
        return Outcome(item.warning_id, error=error)
    return Outcome(item.warning_id, state=state)


def _sorted_out(
    conn: Connection, by: By, action: str, items: Sequence[Item]
) -> tuple[dict[str, RowMapping], dict[str, MingjianError], dict[str, str]]:
    """The locked rows, why items are refused, and the unit that each of the others goes to."""
    rows = orders.lock_warnings(conn, [i.warning_id for i in items], by.scope)
    units = {
        i.warning_id: i.unit_id or rows[i.warning_id]["unit_id"] or "" for i in items if i.warning_id in rows
    }
    known = known_units(conn, [u for u in units.values() if u])
    refused: dict[str, MingjianError] = {}
    for item in items:
        error = _objection(item, rows.get(item.warning_id), units.get(item.warning_id), known, action, by)
        if error is not None:
            refused.setdefault(item.warning_id, error)
    return rows, refused, units


def _objection(
    item: Item, row: RowMapping | None, unit_id: str | None, known: set[str], action: str, by: By
) -> MingjianError | None:
    if row is None:
        return _unseen(item.warning_id)
    version = version_read(row, sees_rechecks=by.sees_rechecks)
    if item.version is not None and version != item.version:
        return stale(item.warning_id, version)
    try:
        transition(state_read(row, sees_rechecks=by.sees_rechecks), action, by.role)
    except TransitionError as error:
        return error
    if not unit_id:
        return TransitionError(_("须指明承办单位"), hint=_("补齐条件后再试，或由符合条件的人员办理"))
    if unit_id not in known:
        return TransitionError(
            _("没有单位 {id}", id=unit_id), hint=_("补齐条件后再试，或由符合条件的人员办理")
        )
    return None


def _write_assigned(
    conn: Connection, by: By, rows: Mapping[str, RowMapping], chosen: Mapping[str, str]
) -> None:
    now, state = by.clock.now(), WarningState.TRIAGED
    conn.execute(
        update(warning).where(warning.c.id == bindparam("of_id")).values(unit_id=bindparam("new_unit")),
        [{"of_id": i, "new_unit": unit_id} for i, unit_id in chosen.items()],
    )
    orders.add_steps(
        conn, [Step(WARNING, i, "assign", state, state, by.actor, now, note=u) for i, u in chosen.items()]
    )
    entries = [
        {
            "actor": by.actor,
            "action": "assign",
            "object_kind": WARNING,
            "object_id": i,
            "detail": {"from": state, "to": state, "role": by.role, "unit": unit_id},
        }
        for i, unit_id in chosen.items()
    ]
    audit.record_many(conn, at=now, entries=entries)
    webhooks.announce(conn, now, [_happened(row, "assign", state) for row in rows.values()])


def _happened(row: RowMapping, action: str, state: WarningState) -> Happened:
    return Happened(WebhookEvent.WARNING_STEP, row["id"], action, state, mark=next_mark(row))


def _outcomes(
    items: Sequence[Item], refused: Mapping[str, MingjianError], state: WarningState
) -> list[Outcome]:
    return [
        Outcome(i.warning_id, error=refused[i.warning_id])
        if i.warning_id in refused
        else Outcome(i.warning_id, state=state)
        for i in items
    ]


def _unseen(warning_id: str) -> NotFound:
    return NotFound(_("没有预警 {id}，或不在您的查看范围内", id=warning_id), hint=_("请核对编号"))
