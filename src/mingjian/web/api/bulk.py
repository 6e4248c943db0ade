"""Bulk actions of the dispatcher: up to 1,000 items, each done or refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator
from sqlalchemy import Connection

from mingjian.domain.roles import Role
from mingjian.store import audit
from mingjian.supervise import Outcome, assign_many, dispatch_many, merge_many, terms_of, urge_many
from mingjian.supervise.bulk import By, Item
from mingjian.web.api.answers.bulk import BulkItemOut, BulkOut
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import WRITES
from mingjian.web.api.queries import NoQuery
from mingjian.web.api.versions import read_tag
from mingjian.web.errors import problem_of
from mingjian.web.scopes import BULK
from mingjian.web.viewer import Office, QueueReader, Viewer, office_of

router = APIRouter(prefix="/bulk", tags=["bulk"], dependencies=[BULK])
MOST_ITEMS = 1000
NAMED_REFUSALS = 50


class BulkItem(Body):
    """One warning; `etag` is the one read, left out where the item may be done on whatever is there."""

    warning_id: Text = Field(min_length=1, max_length=120)
    etag: Text | None = Field(None, max_length=40)

    def item(self) -> Item:
        """The same for the service."""
        return Item(self.warning_id, version=read_tag(self.etag).version if self.etag else None)


class SentItem(BulkItem):
    """One warning and the unit it goes to; without a unit, the one proposed."""

    unit_id: Text | None = Field(None, max_length=80)

    def item(self) -> Item:
        """The same for the service."""
        read = super().item()
        return Item(read.warning_id, self.unit_id or None, read.version)


class AssignedItem(SentItem):
    """One warning and the unit proposed for it."""

    unit_id: Text = Field(min_length=1, max_length=80)


class _Bulk(Body):
    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [item.warning_id for item in getattr(self, "items", [])]
        if len(set(ids)) < len(ids):
            raise ValueError("a warning is named twice")
        return self


class DispatchBody(_Bulk):
    items: list[SentItem] = Field(min_length=1, max_length=MOST_ITEMS)


class AssignBody(_Bulk):
    items: list[AssignedItem] = Field(min_length=1, max_length=MOST_ITEMS)


class UrgeBody(_Bulk):
    items: list[BulkItem] = Field(min_length=1, max_length=MOST_ITEMS)
    note: Text = Field("", max_length=500)


class MergeBody(_Bulk):
    lead_id: Text = Field(min_length=1, max_length=120)
    items: list[BulkItem] = Field(min_length=1, max_length=MOST_ITEMS)
    note: Text = Field("", max_length=500, description="why they are duplicates, where the subjects differ")


@router.post("/dispatch", response_model=BulkOut, responses=WRITES)
def dispatch(
    request: Request, body: DispatchBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Issue orders for triaged warnings."""
    items = [i.item() for i in body.items]
    work = _work(request, viewer, "dispatch", lambda conn, by: dispatch_many(conn, by, items))
    return once.run(body, work)


@router.post("/assign", response_model=BulkOut, responses=WRITES)
def assign(
    request: Request, body: AssignBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Propose the unit of triaged warnings; nothing is sent yet."""
    items = [i.item() for i in body.items]
    return once.run(body, _work(request, viewer, "assign", lambda conn, by: assign_many(conn, by, items)))


@router.post("/urge", response_model=BulkOut, responses=WRITES)
def urge(request: Request, body: UrgeBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery) -> Response:
    """Urge units whose clock runs, at most once a working day."""
    items = [i.item() for i in body.items]
    return once.run(
        body, _work(request, viewer, "urge", lambda conn, by: urge_many(conn, by, items, body.note))
    )


@router.post("/merge", response_model=BulkOut, responses=WRITES)
def merge(
    request: Request, body: MergeBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Merge duplicates into the lead warning."""
    items = [i.item() for i in body.items]
    work = _work(
        request, viewer, "merge", lambda conn, by: merge_many(conn, by, items, body.lead_id, body.note)
    )
    return once.run(body, work)


def _work(
    request: Request, viewer: Viewer, action: str, do: Callable[[Connection, By], list[Outcome]]
) -> Callable[[Connection], Done]:
    """The bulk action as one piece of work: its outcomes, and an audit row on what was refused."""
    office = office_of(request)
    by = By(
        viewer.user.id,
        Role(viewer.user.role),
        viewer.access.own_rows,
        office.clock,
        terms_of(office.content),
        viewer.access.rechecks,
    )

    def work(conn: Connection) -> Done:
        outcomes = do(conn, by)
        refused = [o for o in outcomes if o.error is not None]
        if refused:
            _note(conn, office, viewer, action, refused)
        items = [_told(o, request.url.path) for o in outcomes]
        return Done(200, BulkOut(done=len(outcomes) - len(refused), refused=len(refused), items=items))

    return work


def _note(conn: Connection, office: Office, viewer: Viewer, action: str, refused: list[Outcome]) -> None:
    ids = [o.id.encode("utf-8", "replace").decode() for o in refused[:NAMED_REFUSALS]]
    audit.record(
        conn,
        at=office.clock.now(),
        actor=viewer.user.id,
        action="refused",
        object_kind="bulk",
        object_id=action,
        detail={"refused": len(refused), "ids": ids},
    )


def _told(outcome: Outcome, path: str) -> BulkItemOut:
    if outcome.error is None:
        return BulkItemOut(id=outcome.id, outcome="done", state=outcome.state)
    return BulkItemOut(id=outcome.id, outcome="refused", problem=problem_of(outcome.error, path))
