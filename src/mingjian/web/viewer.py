"""Who is asking: every page and API call gets its reader from here, and with the reader what may be read.

A reader comes with a session cookie, or below /api with a token (`Authorization: Bearer mj_…`). A write by cookie must
carry the session's CSRF token: a form field on pages, the header X-CSRF-Token below /api. A token needs none, since no
browser sends it by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Form, Request
from sqlalchemy import Connection, Engine

from mingjian.content import Content
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.domain.sign_in import Scope, Way
from mingjian.store import absences, sessions, tokens
from mingjian.store.identity import User, find_user
from mingjian.store.sealed import Sealer
from mingjian.store.vault import Vault
from mingjian.web.access import Access, access_of, with_lent
from mingjian.web.errors import Refused, SignInNeeded, StepNeeded
from mingjian.web.masking import Masker
from mingjian.web.oidc import Provider
from mingjian.web.session import Session, Sessions

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
BEARER = "bearer "
PASSWORD_PAGE = "/account/password"  # noqa: S105 - an address
FACTOR_PAGE = "/account/second-factor"


@dataclass(frozen=True)
class Office:
    """What all pages share; one for each app.

    `sealer` keeps the secrets of second factors, `vault` what tokens stand for, `provider` is the city's identity
    provider when there is one.
    """

    engine: Engine
    home: Path
    content: Content
    clock: Clock
    sessions: Sessions
    sealer: Sealer
    vault: Vault
    provider: Provider | None = None


@dataclass(frozen=True)
class Viewer:
    """A signed-in user, what the user may see, the session of this request and how it began.

    `scopes` is None for a person at a page; for a token it is what the token may be used for.
    """

    user: User
    access: Access
    masker: Masker
    session: Session
    way: Way
    scopes: frozenset[Scope] | None = None

    def has(self, scope: Scope) -> bool:
        """Whether this scope is granted: always for a person, for a token when it names it."""
        return self.scopes is None or scope in self.scopes


def office_of(request: Request) -> Office:
    """The app's shared parts."""
    office: Office = request.app.state.office
    return office


def person_of(request: Request) -> Viewer:
    """The person of this request's cookie, even one who has still to change a password first.

    Raises SignInNeeded when nobody (or no longer anybody) is signed in.
    """
    return _by_cookie(request)


def viewer_of(request: Request) -> Viewer:
    """The reader of this request; raises SignInNeeded, or StepNeeded before a password or device is set up."""
    token = _bearer(request)
    if token:
        return _by_token(request, token)
    viewer = _by_cookie(request)
    _ask_for_first_steps(viewer)
    sent = request.headers.get(CSRF_HEADER, "")
    if _is_api(request) and request.method not in SAFE_METHODS and not viewer.session.allows(sent):
        raise Refused(
            _("请求缺少本会话的防伪令牌"),
            hint=_("在请求头 X-CSRF-Token 中带上本会话的令牌，或改用 API 令牌"),
        )
    return viewer


Person = Annotated[Viewer, Depends(person_of)]
SignedIn = Annotated[Viewer, Depends(viewer_of)]


def may(what: str) -> Callable[[Viewer], Awaitable[Viewer]]:
    """A dependency: the reader, if `what` (named in Access) is open to the role; else Refused.

    What a token must name besides is declared for each room of the API (`web.scopes`); pages know no tokens.
    """

    async def allowed(viewer: SignedIn) -> Viewer:
        if not getattr(viewer.access, what):
            raise Refused(_("您的角色不能查看此页"), hint=_("如工作需要，请联系系统管理员调整角色或数据范围"))
        return viewer

    return allowed


QueueReader = Annotated[Viewer, Depends(may("warnings"))]
Asker = Annotated[Viewer, Depends(may("unmask"))]
Approver = Annotated[Viewer, Depends(may("approve"))]
HealthReader = Annotated[Viewer, Depends(may("health"))]
CampaignReader = Annotated[Viewer, Depends(may("campaigns"))]
IssueReader = Annotated[Viewer, Depends(may("enterprise"))]
CaseCaller = Annotated[Viewer, Depends(may("call_back"))]
OverviewReader = Annotated[Viewer, Depends(may("overview"))]


def checked_form(request: Request, csrf: Annotated[str, Form()] = "") -> None:
    """A dependency of every POST of a page: the form must carry this session's token."""
    session = office_of(request).sessions.read(request)
    if session is None or not session.allows(csrf):
        raise Refused(_("页面已过期或表单来源不明"), hint=_("返回上一页，刷新后重新提交"))


def _by_cookie(request: Request) -> Viewer:
    office = office_of(request)
    session = office.sessions.read(request)
    if session is None or not session.key:
        raise SignInNeeded
    with office.engine.begin() as conn:
        found = sessions.find(conn, office.clock.now(), session.key)
        lenders = _lenders(conn, office, found.user) if found else []
    if found is None:
        raise SignInNeeded
    request.state.asker = found.user.id
    request.state.role = found.user.role  # the request's log line tells the role, not the person
    return _viewer(office, found.user, lenders, session, found.way)


def _by_token(request: Request, secret: str) -> Viewer:
    office = office_of(request)
    with office.engine.begin() as conn:
        token = tokens.find(conn, office.clock.now(), secret)
        lenders = _lenders(conn, office, token.user) if token else []
    if token is None:
        raise SignInNeeded
    if token.user.must_change:
        raise StepNeeded(PASSWORD_PAGE)
    request.state.asker, request.state.role = token.user.id, token.user.role
    return _viewer(office, token.user, lenders, Session(csrf="", begun=0), Way.TOKEN, token.scopes)


def _lenders(conn: Connection, office: Office, user: User) -> list[User]:
    """The absent colleagues for whom this user stands in."""
    if not user.deputy:
        return []
    absent = absences.acting_for(conn, user.id, office.clock.now())
    return [lender for p in absent if (lender := find_user(conn, p.user_id)) is not None]


def _viewer(
    office: Office,
    user: User,
    lenders: Sequence[User],
    session: Session,
    way: Way,
    scopes: frozenset[Scope] | None = None,
) -> Viewer:
    access = with_lent(access_of(user), [access_of(lender) for lender in lenders])
    return Viewer(user, access, Masker(office.content, access), session, way, scopes)


def _bearer(request: Request) -> str:
    """The token of an API call; pages are for people and know none."""
    said = request.headers.get("Authorization", "")
    return said[len(BEARER) :].strip() if _is_api(request) and said.lower().startswith(BEARER) else ""


def _ask_for_first_steps(viewer: Viewer) -> None:
    """A one-time password opens only the page that changes it. Who came by the provider has used none."""
    user = viewer.user
    if user.must_change and viewer.way is Way.PASSWORD:
        raise StepNeeded(PASSWORD_PAGE)
    if user.totp_required and not user.has_factor:
        raise StepNeeded(FACTOR_PAGE)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
