"""The repository of evaluations: the rows of a round, how rounds ended, and how satisfied the public is with a unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, select, update

from mingjian.domain.evaluation import PublicOutcome, Side
from mingjian.store.tables import evaluation, order_step, warning

_E = evaluation.c
REACHED = (PublicOutcome.SATISFIED, PublicOutcome.UNSATISFIED)


def add(conn: Connection, row: dict[str, Any]) -> None:
    """Keep what one side said; the caller holds the warning's lock."""
    conn.execute(insert(evaluation).values(**row))


def move_due(conn: Connection, id: int, due: datetime) -> None:
    """Set another day by which somebody must act; the caller holds the warning's lock."""
    conn.execute(update(evaluation).where(_E.id == id).values(due=due))


def of_round(conn: Connection, warning_id: str, round_: int) -> Sequence[RowMapping]:
    """What was said in one round, in the order in which it was said."""
    rows = select(evaluation).where(_E.warning_id == warning_id, _E.round == round_)
    return conn.execute(rows.order_by(_E.id)).mappings().all()


def of_warning(conn: Connection, warning_id: str) -> Sequence[RowMapping]:
    """Everything that was said of a matter, in the order in which it was said."""
    rows = select(evaluation).where(_E.warning_id == warning_id)
    return conn.execute(rows.order_by(_E.id)).mappings().all()


def unsatisfied_rounds(conn: Connection, warning_id: str) -> int:
    """In how many rounds the public's last word was "not satisfied"."""
    last = (
        select(_E.outcome)
        .distinct(_E.round)
        .where(_E.warning_id == warning_id, _E.side == Side.PUBLIC, _E.outcome.in_(REACHED))
        .order_by(_E.round, _E.id.desc())
        .subquery()
    )
    counted = select(func.count()).where(last.c.outcome == PublicOutcome.UNSATISFIED)
    return conn.scalar(counted) or 0


@dataclass(frozen=True)
class Satisfaction:
    """A unit's matters that were called back about: `satisfied` of `evaluated`; `not_reached` stand beside them."""

    unit_id: str
    evaluated: int
    satisfied: int
    not_reached: int

    @property
    def share(self) -> float | None:
        """Satisfied of those evaluated; None where nobody was."""
        return self.satisfied / self.evaluated if self.evaluated else None


def satisfaction(
    conn: Connection,
    units: Collection[str],
    since: datetime,
    until: datetime,
    rows: ColumnElement[bool] | None = None,
) -> list[Satisfaction]:
    """How satisfied the public is with these units' results in [since, until), by unit.

    The last word on each matter counts once. Matters closed with an explanation because the demand was outside law
    or unreasonable are left out, as catalogue §5 has it. `rows` (from web.access) narrows to matters a reader may see.
    """
    exempted = (
        select(order_step.c.id)
        .where(
            order_step.c.object_kind == "warning",
            order_step.c.object_id == _E.warning_id,
            order_step.c.action == "exempt",
            order_step.c.at >= _E.at,
        )
        .exists()
    )
    reached = _E.outcome.in_(REACHED)
    last_words = (
        select(_E.warning_id, _E.unit_id, _E.outcome)
        .distinct(_E.warning_id, _E.unit_id)
        .where(
            _E.side == Side.PUBLIC,
            _E.unit_id.in_(sorted(set(units))),
            _E.at >= since,
            _E.at < until,
            ~exempted,
        )
        .order_by(_E.warning_id, _E.unit_id, reached.desc(), _E.id.desc())
    )
    if rows is not None:
        last_words = last_words.join(warning, warning.c.id == _E.warning_id).where(rows)
    last = last_words.subquery()
    known = last.c.outcome
    counted = conn.execute(
        select(
            last.c.unit_id,
            func.count().filter(known.in_(REACHED)).label("evaluated"),
            func.count().filter(known == PublicOutcome.SATISFIED).label("satisfied"),
            func.count().filter(known == PublicOutcome.NOT_REACHED).label("not_reached"),
        )
        .group_by(last.c.unit_id)
        .order_by(last.c.unit_id)
    )
    return [Satisfaction(**row) for row in counted.mappings()]


def last_word(warning_id: Any, until: Any) -> Any:
    """The public's last outcome on a matter up to this moment, as a scalar subquery of another select.

    A conversation outweighs later tries that reached nobody in the same round.
    """
    reached = _E.outcome.in_(REACHED)
    return (
        select(_E.outcome)
        .where(and_(_E.warning_id == warning_id, _E.side == Side.PUBLIC, _E.at <= until))
        .order_by(_E.round.desc(), reached.desc(), _E.id.desc())
        .limit(1)
        .scalar_subquery()
    )
