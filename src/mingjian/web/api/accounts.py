"""Freezing an account: what a security auditor, or the program that watches for him, must be able to do at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from mingjian.domain.i18n import _
from mingjian.store import accounts
from mingjian.web.api.answers.accounts import AccountFrozen
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import WRITES
from mingjian.web.api.queries import Id, NoQuery
from mingjian.web.errors import BadRequest, Refused
from mingjian.web.scopes import ADMIN
from mingjian.web.viewer import SignedIn, Viewer, office_of

router = APIRouter(prefix="/accounts", tags=["accounts"], dependencies=[ADMIN])


def auditor_of(viewer: SignedIn) -> Viewer:
    """A dependency: a security auditor."""
    if not viewer.access.freeze:
        raise Refused(_("只有安全审计员可以冻结账号"), hint=_("请联系安全审计员"))
    return viewer


Auditor = Annotated[Viewer, Depends(auditor_of)]


class FreezeBody(Body):
    """Why the account is frozen; it stands in the audit log."""

    reason: Text = Field(min_length=2, max_length=200, pattern=r"\S.*\S")


@router.post("/{account_id}/freeze", response_model=AccountFrozen, responses=WRITES)
def freeze_account(
    request: Request, account_id: Id, body: FreezeBody, viewer: Auditor, once: OnlyOnce, _query: NoQuery
) -> Response:
    """End every session and token of an account and let nobody in with it; thawing is done on the machine (R11, §4.1)."""
    office = office_of(request)
    if account_id == viewer.user.id:
        raise BadRequest(_("不能冻结自己的账号"), hint=_("请另一名安全审计员处理"))

    def work(conn: Connection) -> Done:
        accounts.freeze(conn, office.clock.now(), account_id, body.reason.strip(), actor=viewer.user.id)
        return Done(200, AccountFrozen(id=account_id))

    return once.run(body, work)
