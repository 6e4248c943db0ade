"""Every table of the store, a module for each group. PostgreSQL holds warnings, orders, people, runs and the audit
log; never bulk data."""

from __future__ import annotations

from mingjian.store.tables.attachments import attachment
from mingjian.store.tables.base import EMPTY, NOW, STAMP, metadata
from mingjian.store.tables.idempotency import idempotency
from mingjian.store.tables.models import (
    finding,
    model_archive,
    model_run,
    reranking,
    warning,
    warning_decision,
)
from mingjian.store.tables.people import app_user, order_step, supervision_order, unit
from mingjian.store.tables.record import audit_log, outbox
from mingjian.store.tables.runs import feed, gate_result, quarantine, stage_run, table_state
from mingjian.store.tables.silences import listed_exception, param_override, snooze
from mingjian.store.tables.webhooks import webhook

__all__ = [
    "EMPTY",
    "NOW",
    "STAMP",
    "app_user",
    "attachment",
    "audit_log",
    "feed",
    "finding",
    "gate_result",
    "idempotency",
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
    "webhook",
]
