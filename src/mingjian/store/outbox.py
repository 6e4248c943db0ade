"""Messages: written in the transaction of the change they tell of; counted, listed, and set waiting again by people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.message import DIGEST, STATE_OF, DeliveryReason, MessageState
from mingjian.store import audit
from mingjian.store.tables import contact, outbox

OBJECT = "message"
_o = outbox.c

IN_STATE: dict[MessageState, ColumnElement[bool]] = {
    MessageState.WAITING: and_(_o.sent_at.is_(None), _o.dead_at.is_(None), _o.digest_id.is_(None)),
    MessageState.SENT: _o.sent_at.is_not(None),
    MessageState.DIGESTED: _o.digest_id.is_not(None),
    MessageState.DEAD: _o.dead_at.is_not(None),
}


@dataclass(frozen=True)
class Letter:
    """One message to be sent. Two letters with one key are the same letter: the second is dropped.

    `payload` fills the template's places; it holds plain values and no personal data. Without a `channel` the city's
    channels file says which channels take it.
    """

    idempotency_key: str
    recipient: str
    template: str
    payload: dict[str, Any] = field(default_factory=dict)
    channel: str = ""


def enqueue(conn: Connection, letters: Sequence[Letter], at: datetime) -> int:
    """Put letters into the outbox in this transaction; returns how many were new."""
    if not letters:
        return 0
    rows = [{**vars(letter), "created_at": at, "next_try": at} for letter in letters]
    statement = insert(outbox).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return len(conn.execute(statement.returning(_o.id), rows).all())


@dataclass(frozen=True)
class Account:
    """How many messages are in which state; `astray` are those whose columns do not agree with each other."""

    all: int
    sent: int
    digested: int
    dead: int
    waiting: int
    astray: int

    @property
    def holds(self) -> bool:
        """Every message is in exactly one state, and every digest holds what points to it."""
        return self.all == self.sent + self.digested + self.dead + self.waiting and not self.astray


def accounted(conn: Connection) -> Account:
    """Count every message; the invariant is `accounted(conn).holds`."""
    counts = {
        state.value: func.count().filter(condition).label(state.value)
        for state, condition in IN_STATE.items()
    }
    row = conn.execute(
        select(
            func.count().label("all"), *counts.values(), func.count().filter(~_agrees()).label("belied")
        ).select_from(outbox)
    ).one()
    told = row._asdict()
    belied = told.pop("belied")
    return Account(**told, astray=belied + conn.execute(_torn_digests()).scalar_one())


def _agrees() -> ColumnElement[bool]:
    """The reason belongs to the state that the other columns tell."""
    whens = [
        (condition, _o.reason.in_([r for r, s in STATE_OF.items() if s is state]))
        for state, condition in IN_STATE.items()
    ]
    return case(*whens, else_=literal(False))


def _torn_digests() -> Any:
    """How many digests tell of more or of fewer messages than point to them."""
    part = outbox.alias("part")
    pointing = select(func.count()).where(part.c.digest_id == _o.id).scalar_subquery()
    return (
        select(func.count())
        .where(_o.template == DIGEST, pointing != func.jsonb_array_length(_o.payload["items"]))
        .select_from(outbox)
    )


def oldest_waiting(conn: Connection) -> datetime | None:
    """When the message that has waited longest was written; None when nothing waits."""
    return conn.execute(select(func.min(_o.created_at)).where(IN_STATE[MessageState.WAITING])).scalar()


def page(
    conn: Connection, state: MessageState | None, after: int, limit: int, recipient: str | None = None
) -> Sequence[RowMapping]:
    """Messages in a state with id above `after`, oldest first, without their payloads."""
    shown = [c for c in _o if c.name != "payload"]
    wanted = select(*shown).where(_o.id > after, IN_STATE[state] if state else true())
    if recipient:
        wanted = wanted.where(_o.recipient == recipient)
    return conn.execute(wanted.order_by(_o.id).limit(limit)).mappings().all()


def replay(conn: Connection, ids: Collection[int], actor: str, reason: str, at: datetime) -> int:
    """Let dead messages wait again, with one audit row each; NotFound names those that are not dead.

    A message whose channel or address was missing, or whose contact is no longer in use, is routed anew.
    """
    wanted = sorted(set(ids))
    dead = conn.execute(
        select(_o.id, _o.reason, _o.attempts)
        .where(_o.id.in_(wanted), IN_STATE[MessageState.DEAD])
        .order_by(_o.id)
        .with_for_update()
    ).all()
    absent = sorted(set(wanted) - {row.id for row in dead})
    if absent:
        raise NotFound(
            _("没有这些发不出的消息：{ids}", ids="、".join(map(str, absent))),
            hint=_("用 mingjian messages dead 查看编号"),
        )
    in_use = select(contact.c.id).where(contact.c.active)
    lost = or_(
        _o.reason.in_([DeliveryReason.NO_CHANNEL, DeliveryReason.NO_ADDRESS]),
        and_(_o.contact_id.is_not(None), _o.contact_id.not_in(in_use)),
    )
    conn.execute(
        update(outbox)
        .where(_o.id.in_(wanted))
        .values(
            dead_at=None,
            attempts=0,
            next_try=at,
            last_error=None,
            reason=DeliveryReason.WAITING,
            routed_at=case((lost, None), else_=_o.routed_at),
            contact_id=case((lost, None), else_=_o.contact_id),
        )
    )
    entries = [
        {
            "actor": actor,
            "action": "replay",
            "object_kind": OBJECT,
            "object_id": str(row.id),
            "detail": {"was": row.reason, "attempts": row.attempts, "reason": reason},
        }
        for row in dead
    ]
    audit.record_many(conn, at=at, entries=entries)
    return len(dead)


def retry_now(conn: Connection, actor: str, at: datetime) -> int:
    """Let no failed message wait any longer for its next try; returns how many. Audited when there were any."""
    waiting = and_(IN_STATE[MessageState.WAITING], _o.reason == DeliveryReason.RETRY, _o.next_try > at)
    hurried = conn.execute(update(outbox).where(waiting).values(next_try=at)).rowcount
    if hurried:
        audit.record(
            conn,
            at=at,
            actor=actor,
            action="retry",
            object_kind=OBJECT,
            object_id="",
            detail={"messages": hurried},
        )
    return hurried
