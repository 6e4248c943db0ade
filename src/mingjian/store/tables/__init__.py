"""Every table of the store, a module for each group. PostgreSQL holds warnings, orders, people, runs and the audit
log; never bulk data."""

from __future__ import annotations

from mingjian.store.tables.base import EMPTY, NOW, STAMP, metadata
from mingjian.store.tables.messages import contact, outbox
from mingjian.store.tables.models import (
    finding,
    model_archive,
    model_run,
    reranking,
    warning,
    warning_decision,
)
from mingjian.store.tables.people import app_user, order_step, supervision_order, unit
from mingjian.store.tables.record import audit_log
from mingjian.store.tables.runs import feed, gate_result, quarantine, stage_run, table_state
from mingjian.store.tables.silences import listed_exception, param_override, snooze

__all__ = [
    "EMPTY",
    "NOW",
    "STAMP",
    "app_user",
    "audit_log",
    "contact",
    "feed",
    "finding",
    "gate_result",
    "listed_exception",
    "metadata",
    "model_archive",
    "model_run",
    "order_step",
    "outbox",
    "param_override",
    "quarantine",
    "reranking",
    "snooze",
    "stage_run",
    "supervision_order",
    "table_state",
    "unit",
    "warning",
    "warning_decision",
]
