"""Before a model runs: may it, on which snapshots, and with which values of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from mingjian import __version__
from mingjian.content import Content
from mingjian.content.events import CALENDAR, EVENTS
from mingjian.detect.sql import values_of
from mingjian.detect.tables import reads
from mingjian.domain.i18n import _
from mingjian.domain.model import Model
from mingjian.domain.override import Override
from mingjian.domain.reason import GateVerdict
from mingjian.store.overrides import overrides_at
from mingjian.store.tables import model_run, table_state


class Outcome(StrEnum):
    """How a model's run ended, as `model_run` keeps it."""

    DONE = "done"
    NO_FEED = "no_feed"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True)
class Plan:
    """`absent` are optional tables without data; `known` is the number of findings of a run that still stands."""

    model: Model
    outcome: Outcome
    message: str = ""
    lake: dict[str, int] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    known: int | None = None

    @property
    def runs(self) -> bool:
        return self.outcome == Outcome.DONE and self.known is None

    @property
    def program(self) -> dict[str, Any]:
        """All that a run depends on beside the model's file: the same again would find the same."""
        values = [[o.district, o.values] for o in self.overrides]
        declared = {n: self.model.params[n].value for n in (EVENTS, CALENDAR) if n in self.model.params}
        more = {"overrides": values, "declared": declared}
        return {"lake": self.lake, "program": __version__} | {k: v for k, v in more.items() if v}

    def value_sets(self, as_of: date) -> list[dict[str, Any]]:
        """Every set of values that the model is run with: the city's first, then each overriding district's."""
        sets = [self.city, *(o.values for o in self.overrides if o.district)]
        return [{**values_of(self.model, chosen), "as_of": as_of} for chosen in sets]

    @property
    def city(self) -> dict[str, Any]:
        """The values that hold for the whole city, where they are not the model's own."""
        return next((o.values for o in self.overrides if o.district is None), {})


def plans(conn: Connection, content: Content, models: list[Model], as_of: date) -> list[Plan]:
    """One plan a model, in their order."""
    states = {row.table_name: row for row in conn.execute(select(table_state))}
    overrides = overrides_at(conn, as_of)
    return [_plan(conn, content, m, states, overrides.get(m.id, []), as_of) for m in models]


def _plan(
    conn: Connection,
    content: Content,
    model: Model,
    states: dict[str, Row[Any]],
    overrides: list[Override],
    as_of: date,
) -> Plan:
    tables = reads(model)
    blocked = [t for t in tables if t in states and states[t].verdict == GateVerdict.BLOCKED]
    if blocked:
        said = _("表 {tables} 未通过质量关口,模型暂停", tables="、".join(blocked))
        return Plan(model, Outcome.BLOCKED, said)
    fed = [t for t in tables if t in states and states[t].ready_version is not None]
    missing = [t for t in tables if t not in fed and t not in model.optional]
    if missing:
        said = _("没有表 {tables} 的数据,模型未运行", tables="、".join(missing))
        return Plan(model, Outcome.NO_FEED, said)
    absent = [t for t in tables if t not in fed]
    kept, unknown = _known_names(model, overrides)
    lake = {t: int(states[t].ready_version) for t in fed}
    plan = Plan(model, Outcome.DONE, _remarks(absent, unknown), lake, absent, kept)
    return Plan(**{**vars(plan), "known": _standing(conn, content, plan, as_of)})


def _known_names(model: Model, overrides: list[Override]) -> tuple[list[Override], list[str]]:
    """The overrides without names that the model no longer has, and those names."""
    kept = [Override(o.district, {k: v for k, v in o.values.items() if k in model.params}) for o in overrides]
    unknown = sorted({k for o in overrides for k in o.values if k not in model.params})
    return [o for o in kept if o.values], unknown


def _remarks(absent: list[str], unknown: list[str]) -> str:
    said = []
    if absent:
        said.append(_("没有可选表 {tables} 的数据，按空表运行", tables="、".join(absent)))
    if unknown:
        said.append(_("参数调整中的 {names} 已不是本模型的参数，未采用", names="、".join(unknown)))
    return "；".join(said)


def _standing(conn: Connection, content: Content, plan: Plan, as_of: date) -> int | None:
    """How many findings this very model made today on these very snapshots and values, if it has run."""
    query = select(model_run.c.findings).where(
        model_run.c.model_id == plan.model.id,
        model_run.c.as_of == as_of,
        model_run.c.hash == content.hashes[plan.model.id],
        model_run.c.outcome == Outcome.DONE,
        model_run.c.reads == plan.program,
    )
    return conn.execute(query).scalar()
