"""Subscriptions of other systems to events; the secret that signs deliveries is shown once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.errors import NotFound, StaleVersion
from mingjian.domain.i18n import _
from mingjian.domain.webhook import WebhookEvent
from mingjian.store import audit, webhooks
from mingjian.store.webhook_secret import secret_of
from mingjian.web.api.answers.webhooks import WebhookOut, WebhookPage
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import Id, NoQuery, Paged
from mingjian.web.api.targets import checked_url
from mingjian.web.api.versions import IfMatch, Seen, tag_of
from mingjian.web.errors import Changed, Refused
from mingjian.web.scopes import WEBHOOKS
from mingjian.web.viewer import Office, SignedIn, Viewer, office_of

router = APIRouter(prefix="/webhooks", tags=["webhooks"], dependencies=[WEBHOOKS])


class WebhookBody(Body):
    """A new subscription."""

    url: Text = Field(min_length=8, max_length=500)
    events: list[WebhookEvent] = Field(min_length=1, max_length=20)


class WebhookChange(Body):
    """What is to change; `new_secret` makes the old one void."""

    url: Text | None = Field(None, min_length=8, max_length=500)
    events: list[WebhookEvent] | None = Field(None, min_length=1, max_length=20)
    active: bool | None = None
    new_secret: bool = False


def owner_of(viewer: SignedIn) -> Viewer:
    """A dependency: dispatchers and model stewards of the whole city; events say nothing of where they happened."""
    if viewer.user.role not in webhooks.OWNERS or viewer.user.data_scope != "city":
        raise Refused(_("只有全市范围的分办员和模型管理员可以管理回调订阅"), hint=_("请联系系统管理员"))
    return viewer


Owner = Annotated[Viewer, Depends(owner_of)]


@router.get("", responses=READS)
def list_webhooks(request: Request, viewer: Owner, asked: Annotated[Paged, Query()]) -> WebhookPage:
    """The caller's subscriptions by id."""
    with office_of(request).engine.connect() as conn:
        rows = webhooks.page_of(conn, viewer.user.id, asked.after, asked.limit + 1)
    shown = rows[: asked.limit]
    return WebhookPage(
        webhooks=[_out(row) for row in shown],
        after=shown[-1]["id"] if len(rows) > asked.limit else "",
    )


@router.post("", status_code=201, response_model=WebhookOut, responses=WRITES)
def add_webhook(
    request: Request, body: WebhookBody, viewer: Owner, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Subscribe; the answer holds the secret, this once and when the same request is replayed."""
    office = office_of(request)
    url = checked_url(body.url)

    def work(conn: Connection) -> Done:
        row = webhooks.add(
            conn,
            {
                "id": f"H{secrets.token_hex(12)}",
                "url": url,
                "events": _ordered(body.events),
                "owner": viewer.user.id,
                "created_at": office.clock.now(),
            },
        )
        _audit(conn, office, viewer, "webhook_add", row)
        return Done(201, _out(row), {"ETag": tag_of(row["version"])})

    return once.run(body, work, _reveal(office))


@router.get("/{webhook_id}", responses=READS)
def show_webhook(
    request: Request, response: Response, webhook_id: Id, viewer: Owner, _query: NoQuery
) -> WebhookOut:
    """One of the caller's subscriptions."""
    with office_of(request).engine.connect() as conn:
        row = _found(conn, viewer, webhook_id)
    response.headers["ETag"] = tag_of(row["version"])
    return _out(row)


@router.patch("/{webhook_id}", response_model=WebhookOut, responses=WRITES)
def change_webhook(
    request: Request,
    webhook_id: Id,
    body: WebhookChange,
    viewer: Owner,
    once: OnlyOnce,
    seen: IfMatch,
    _query: NoQuery,
) -> Response:
    """Change, pause, or give a new secret to one of the caller's subscriptions."""
    office = office_of(request)
    columns: dict[str, Any] = {}
    if body.url is not None:
        columns["url"] = checked_url(body.url)
    if body.events is not None:
        columns["events"] = _ordered(body.events)
    if body.active is not None:
        columns["active"] = body.active

    def work(conn: Connection) -> Done:
        before = _locked(conn, viewer, webhook_id, seen)
        if body.new_secret:
            columns["generation"] = before["generation"] + 1
        row = webhooks.change(conn, webhook_id, columns)
        _audit(conn, office, viewer, "webhook_change", row)
        return Done(200, _out(row), {"ETag": tag_of(row["version"])})

    return once.run(body, work, _reveal(office) if body.new_secret else None)


@router.delete("/{webhook_id}", status_code=204, response_class=Response, responses=WRITES)
def remove_webhook(
    request: Request, webhook_id: Id, viewer: Owner, once: OnlyOnce, seen: IfMatch, _query: NoQuery
) -> Response:
    """End one of the caller's subscriptions."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        row = _locked(conn, viewer, webhook_id, seen)
        webhooks.remove(conn, webhook_id)
        _audit(conn, office, viewer, "webhook_remove", row)
        return Done(204)

    return once.run("", work)


def _found(conn: Connection, viewer: Viewer, webhook_id: str, *, lock: bool = False) -> RowMapping:
    row = webhooks.find(conn, viewer.user.id, webhook_id, lock=lock)
    if row is None:
        raise NotFound(_("没有这个回调订阅"), hint=_("请核对编号"))
    return row


def _locked(conn: Connection, viewer: Viewer, webhook_id: str, seen: Seen) -> RowMapping:
    row = _found(conn, viewer, webhook_id, lock=True)
    if row["version"] != seen.version:
        stale = StaleVersion(
            _("回调订阅 {id} 已被修改过", id=webhook_id),
            hint=_("请重新读取后再决定是否修改"),
            current=row["version"],
        )
        raise Changed(stale)
    return row


def _ordered(events: list[WebhookEvent]) -> list[str]:
    return [event.value for event in WebhookEvent if event in events]


def _out(row: RowMapping) -> WebhookOut:
    return WebhookOut(
        **{c: row[c] for c in ("id", "url", "active", "version", "created_at")},
        events=[WebhookEvent(event) for event in row["events"]],
        secret_generation=row["generation"],
    )


def _reveal(office: Office) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Adds the secret to an answer on its way out: what is kept for a replay does not hold it."""
    return lambda body: {**body, "secret": secret_of(office.home, body["id"], body["secret_generation"])}


def _audit(conn: Connection, office: Office, viewer: Viewer, action: str, row: RowMapping) -> None:
    audit.record(
        conn,
        at=office.clock.now(),
        actor=viewer.user.id,
        action=action,
        object_kind="webhook",
        object_id=row["id"],
        detail={"events": row["events"], "active": row["active"], "generation": row["generation"]},
    )
