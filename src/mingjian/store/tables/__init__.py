"""Every table of the store, a module for each group. PostgreSQL holds warnings, orders, people, runs and the audit
log; never bulk data."""

from __future__ import annotations

from mingjian.store.tables.anchor import audit_anchor
from mingjian.store.tables.appeal import appeal
from mingjian.store.tables.attachments import attachment
from mingjian.store.tables.base import EMPTY, NOW, STAMP, metadata
from mingjian.store.tables.campaign import campaign, campaign_case
from mingjian.store.tables.cards import card
from mingjian.store.tables.co_handling import co_handler
from mingjian.store.tables.enterprise import enterprise_issue
from mingjian.store.tables.evaluation import evaluation
from mingjian.store.tables.idempotency import idempotency
from mingjian.store.tables.messages import contact, outbox
from mingjian.store.tables.models import (
    finding,
    model_archive,
    model_run,
    reranking,
    warning,
    warning_decision,
)
from mingjian.store.tables.organisation import absence, duty, unit_change, unit_register
from mingjian.store.tables.people import app_user, order_step, supervision_order, unit
from mingjian.store.tables.policy import policy_archive
from mingjian.store.tables.recheck import monthly_seed, recheck_check, recheck_plan
from mingjian.store.tables.record import audit_log
from mingjian.store.tables.review import review_draw, review_task, shadow_proposal, status_override
from mingjian.store.tables.runs import feed, gate_result, quarantine, stage_run, table_state
from mingjian.store.tables.signin import api_token, recovery_code, user_factor, user_session
from mingjian.store.tables.silences import listed_exception, param_override, snooze
from mingjian.store.tables.unmask import unmask_request, vault
from mingjian.store.tables.webhooks import webhook

__all__ = [
    "EMPTY",
    "NOW",
    "STAMP",
    "absence",
    "api_token",
    "app_user",
    "appeal",
    "attachment",
    "audit_anchor",
    "audit_log",
    "campaign",
    "campaign_case",
    "card",
    "co_handler",
    "contact",
    "duty",
    "enterprise_issue",
    "evaluation",
    "feed",
    "finding",
    "gate_result",
    "idempotency",
    "listed_exception",
    "metadata",
    "model_archive",
    "model_run",
    "monthly_seed",
    "order_step",
    "outbox",
    "param_override",
    "policy_archive",
    "quarantine",
    "recheck_check",
    "recheck_plan",
    "recovery_code",
    "reranking",
    "review_draw",
    "review_task",
    "shadow_proposal",
    "snooze",
    "stage_run",
    "status_override",
    "supervision_order",
    "table_state",
    "unit",
    "unit_change",
    "unit_register",
    "unmask_request",
    "user_factor",
    "user_session",
    "vault",
    "warning",
    "warning_decision",
    "webhook",
]
