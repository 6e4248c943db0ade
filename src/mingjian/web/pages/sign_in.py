"""Signing in and out, and the first page after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from mingjian.domain.i18n import _
from mingjian.store.users import verify_password
from mingjian.web.pages import render
from mingjian.web.viewer import SignedIn, checked_form, office_of

router = APIRouter()


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """The sign-in form; who is signed in already goes on."""
    session = office_of(request).sessions.read(request)
    if session is not None and session.user_id is not None:
        return RedirectResponse(_own_page(next), status_code=303)
    return _form(request, next)


@router.post("/sign-in", dependencies=[Depends(checked_form)])
def sign_in(
    request: Request,
    user: Annotated[str, Form(max_length=80)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Check the password; then a new session, or the form again with one message for all causes."""
    office = office_of(request)
    with office.engine.begin() as conn:
        found = verify_password(conn, office.clock.now(), user.strip(), password)
    if found is None:
        problem = _("未能登录：账号或密码不正确，或账号因连续输错 5 次已锁定 15 分钟。")
        return _form(request, next, status=401, user=user, problem=problem)
    answer = RedirectResponse(_own_page(next), status_code=303)
    office.sessions.write(answer, office.sessions.begin(found.id, found.stamp), secure=_secure(request))
    return answer


@router.post("/sign-out", dependencies=[Depends(checked_form)])
def sign_out(request: Request, _viewer: SignedIn) -> Response:
    """End the session."""
    answer = RedirectResponse("/sign-in", status_code=303)
    office_of(request).sessions.end(answer)
    return answer


@router.get("/")
def first_page(viewer: SignedIn) -> Response:
    """The page a role works on: the queue, else the figures, else the state of the data."""
    access = viewer.access
    pages = [("/warnings", access.warnings), ("/overview", access.overview), ("/health", access.health)]
    return RedirectResponse(next((page for page, open_ in pages if open_), "/warnings"), status_code=303)


def _form(request: Request, next: str, status: int = 200, user: str = "", problem: str = "") -> Response:
    """The form with the token of a session of nobody, kept while several tabs are open."""
    sessions = office_of(request).sessions
    session = sessions.read(request) or sessions.begin()
    page = render(
        request, "sign_in.html", status, csrf=session.csrf, next=_own_page(next), user=user, problem=problem
    )
    sessions.write(page, session, secure=_secure(request))
    return page


def _own_page(target: str) -> str:
    """Only a path of this site: two slashes, or a slash and a backslash, would lead to another host."""
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if own else "/"


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"
