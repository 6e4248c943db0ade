"""Signing in and out, and the first page after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from mingjian.domain.i18n import _
from mingjian.domain.sign_in import AgentClass, EndReason, Way
from mingjian.store import factors, sessions
from mingjian.store.identity import User, find_user
from mingjian.store.users import verify_password
from mingjian.web.errors import SignInNeeded
from mingjian.web.pages import render
from mingjian.web.session import Session
from mingjian.web.viewer import Person, SignedIn, checked_form, office_of, person_of

router = APIRouter()

CODE_PAGE = "/sign-in/code"


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """The sign-in form; who is signed in already goes on."""
    try:
        person_of(request)
    except SignInNeeded:
        return sign_in_form(request, next)
    return RedirectResponse(own_page(next), status_code=303)


@router.post("/sign-in", dependencies=[Depends(checked_form)])
def sign_in(
    request: Request,
    user: Annotated[str, Form(max_length=80)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Check the password; then a new session, the question for a code, or the form with one message for all causes."""
    office = office_of(request)
    with office.engine.begin() as conn:
        found = verify_password(conn, office.clock.now(), user.strip(), password)
        if found is not None:
            return enter(request, conn, found, next, Way.PASSWORD)
    problem = _("未能登录：账号或密码不正确，或账号因连续输错 5 次已锁定 15 分钟。")
    return sign_in_form(request, next, status=401, user=user, problem=problem)


@router.get(CODE_PAGE)
def ask_code(request: Request) -> Response:
    """The form for the code, for who has typed the right password a moment ago."""
    return _code_form(request)


@router.post(CODE_PAGE, dependencies=[Depends(checked_form)])
def check_code(request: Request, code: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Check the code; then a new session, or the form again."""
    office = office_of(request)
    waiting = office.sessions.waiting(request)
    now = office.clock.now()
    with office.engine.begin() as conn:
        user = find_user(conn, waiting.get("user", ""))
        if user is None or user.stamp != waiting.get("stamp"):
            return RedirectResponse("/sign-in", status_code=303)
        if factors.check(conn, now, office.sealer, user.id, code).lets_in:
            return _begin(request, conn, user, waiting["next"], Way(waiting["way"]))
    problem = _("动态口令不正确、已用过，或账号因连续输错 5 次已锁定 15 分钟。")
    return _code_form(request, status=401, problem=problem)


@router.post("/sign-out", dependencies=[Depends(checked_form)])
def sign_out(request: Request, viewer: Person) -> Response:
    """End the session, in the store too."""
    office = office_of(request)
    with office.engine.begin() as conn:
        sessions.end(conn, office.clock.now(), viewer.session.key, EndReason.SIGNED_OUT)
    answer = RedirectResponse("/sign-in", status_code=303)
    office.sessions.forget(answer)
    return answer


@router.get("/")
def first_page(viewer: SignedIn) -> Response:
    """The page a role works on: the queue, else the figures, else the state of the data."""
    access = viewer.access
    pages = [("/warnings", access.warnings), ("/overview", access.overview), ("/health", access.health)]
    return RedirectResponse(next((page for page, open_ in pages if open_), "/warnings"), status_code=303)


def enter(request: Request, conn: Connection, user: User, next: str, way: Way) -> Response:
    """Who has been recognised goes on: to the form for the code where one is asked for, else in."""
    if not user.has_factor:
        return _begin(request, conn, user, next, way)
    waiting = {"user": user.id, "stamp": user.stamp, "way": way.value, "next": own_page(next)}
    answer = RedirectResponse(CODE_PAGE, status_code=303)
    write(request, answer, office_of(request).sessions.nobody(waiting))
    return answer


def write(request: Request, answer: Response, session: Session) -> None:
    """Set the cookie as this connection allows."""
    office_of(request).sessions.write(answer, session, secure=request.url.scheme == "https")


def agent_of(request: Request) -> AgentClass:
    """What kind of program this is."""
    return AgentClass.of(request.headers.get("User-Agent", ""))


def own_page(target: str) -> str:
    """Only a path of this site: two slashes, or a slash and a backslash, would lead to another host."""
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if own else "/"


def _begin(request: Request, conn: Connection, user: User, next: str, way: Way) -> Response:
    answer = RedirectResponse(own_page(next), status_code=303)
    session = office_of(request).sessions.begin(conn, user, way, agent_of(request))
    write(request, answer, session)
    return answer


def sign_in_form(
    request: Request, next: str, status: int = 200, user: str = "", problem: str = "", *, anew: bool = False
) -> Response:
    """The form with the token of a session of nobody, kept while several tabs are open unless it is to be `anew`."""
    office = office_of(request)
    session = office.sessions.read(request)
    if session is None or session.key or anew:
        session = office.sessions.nobody()
    page = render(
        request,
        "sign_in.html",
        status,
        csrf=session.csrf,
        next=own_page(next),
        user=user,
        problem=problem,
        provider=office.provider is not None,
    )
    write(request, page, session)
    return page


def _code_form(request: Request, status: int = 200, problem: str = "") -> Response:
    office = office_of(request)
    session = office.sessions.read(request)
    if session is None or "user" not in office.sessions.waiting(request):
        return RedirectResponse("/sign-in", status_code=303)
    return render(request, "sign_in_code.html", status, csrf=session.csrf, problem=problem)
