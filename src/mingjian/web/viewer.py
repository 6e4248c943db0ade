"""Who is asking: every page and API call gets its reader from here, and with the reader what may be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Form, Request
from sqlalchemy import Engine

from mingjian.content import Content
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.store.users import User, find_user
from mingjian.web.access import Access, access_of
from mingjian.web.errors import Refused, SignInNeeded
from mingjian.web.masking import Masker
from mingjian.web.session import Session, Sessions


@dataclass(frozen=True)
class Office:
    """What all pages share; one for each app."""

    engine: Engine
    home: Path
    content: Content
    clock: Clock
    sessions: Sessions


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, what the user may see, and the session of this request."""

    user: User
    access: Access
    masker: Masker
    session: Session


def office_of(request: Request) -> Office:
    """The app's shared parts."""
    office: Office = request.app.state.office
    return office


def viewer_of(request: Request) -> Viewer:
    """The reader of this request; raises SignInNeeded when nobody (or no longer anybody) is signed in."""
    office = office_of(request)
    session = office.sessions.read(request)
    if session is None or session.user_id is None:
        raise SignInNeeded
    with office.engine.connect() as conn:
        user = find_user(conn, session.user_id)
    if user is None or user.stamp != session.stamp:
        raise SignInNeeded
    access = access_of(user)
    request.state.asker = user.id
    return Viewer(user, access, Masker(office.content, access), session)


SignedIn = Annotated[Viewer, Depends(viewer_of)]


def may(what: str) -> Callable[[Viewer], Viewer]:
    """A dependency: the reader, if `what` (a page named in Access) is open to the role; else Refused."""

    def allowed(viewer: SignedIn) -> Viewer:
        if not getattr(viewer.access, what):
            raise Refused(_("您的角色不能查看此页"), hint=_("如工作需要，请联系系统管理员调整角色或数据范围"))
        return viewer

    return allowed


QueueReader = Annotated[Viewer, Depends(may("warnings"))]
HealthReader = Annotated[Viewer, Depends(may("health"))]
OverviewReader = Annotated[Viewer, Depends(may("overview"))]


def checked_form(request: Request, csrf: Annotated[str, Form()] = "") -> None:
    """A dependency of every POST: the form must carry this session's token."""
    session = office_of(request).sessions.read(request)
    if session is None or not session.allows(csrf):
        raise Refused(_("页面已过期或表单来源不明"), hint=_("返回上一页，刷新后重新提交"))
