"""One's own account: the password, and the second factor with its recovery codes."""

from __future__ import annotations

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.sign_in import EndReason, password_fault
from mingjian.store import factors, sessions
from mingjian.store.identity import find_user
from mingjian.store.users import is_own_password, note, set_password
from mingjian.web.errors import Refused, StepNeeded
from mingjian.web.pages import render
from mingjian.web.pages.sign_in import agent_of, write
from mingjian.web.viewer import FACTOR_PAGE, PASSWORD_PAGE, Person, Viewer, checked_form, office_of

router = APIRouter()

ISSUER = "Mingjian"
Secret = Annotated[str, Form(max_length=200)]


@router.get(PASSWORD_PAGE)
def ask_password(request: Request, viewer: Person) -> Response:
    """The form for a new password; the only page there is while the password is a one-time password."""
    return _password_form(request, viewer)


@router.post(PASSWORD_PAGE, dependencies=[Depends(checked_form)])
def change_password(
    request: Request, viewer: Person, old: Secret = "", new: Secret = "", again: Secret = ""
) -> Response:
    """Take the new password, end every session of the old one and go on in a new one."""
    office, user = office_of(request), viewer.user
    fault = password_fault(user.id, new, old)
    if fault is not None or new != again:
        problem = fault.message if fault else _("两次输入的新密码不一致")
        return _password_form(request, viewer, 400, problem)
    now = office.clock.now()
    with office.engine.begin() as conn:
        if is_own_password(conn, now, user.id, old):
            set_password(conn, user.id, new, must_change=False)
            sessions.end_all(conn, now, user.id, EndReason.PASSWORD_CHANGED, actor=user.id)
            note(conn, now, user.id, "password_changed")
            return _anew(request, conn, viewer, "/")
    return _password_form(request, viewer, 401, _("原密码不正确；连续输错 5 次将锁定 15 分钟。"))


@router.get(FACTOR_PAGE)
def show_factor(request: Request, viewer: Person) -> Response:
    """Whether codes are asked for; while a device is being added, the picture to scan and the field for its code."""
    return _factor_page(request, viewer)


@router.get(f"{FACTOR_PAGE}/qr.svg")
def show_qr(request: Request, viewer: Person) -> Response:
    """The proposed secret as a picture for the device's camera; nothing once it is confirmed."""
    office = office_of(request)
    with office.engine.connect() as conn:
        totp = factors.proposed(conn, office.sealer, viewer.user.id)
    if totp is None:
        raise NotFound(_("没有待绑定的动态口令"), hint=_("在动态口令页重新开始"))
    drawn = io.BytesIO()
    uri = totp.provisioning_uri(name=viewer.user.id, issuer_name=ISSUER)
    segno.make(uri, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post(f"{FACTOR_PAGE}/start", dependencies=[Depends(checked_form)])
def start_factor(request: Request, viewer: Person, password: Secret = "") -> Response:
    """Propose a secret to who knows the password: an unwatched screen is not enough to lock its owner out."""
    _first_the_password(viewer)
    office, now = office_of(request), office_of(request).clock.now()
    with office.engine.begin() as conn:
        if is_own_password(conn, now, viewer.user.id, password):
            factors.propose(conn, now, office.sealer, viewer.user.id)
            return RedirectResponse(FACTOR_PAGE, status_code=303)
    return _factor_page(request, viewer, 401, _("密码不正确；连续输错 5 次将锁定 15 分钟。"))


@router.post(FACTOR_PAGE, dependencies=[Depends(checked_form)])
def confirm_factor(
    request: Request, viewer: Person, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Take the first code: from now on codes are asked for. Shows the recovery codes, this once."""
    _first_the_password(viewer)
    office, user = office_of(request), viewer.user
    with office.engine.begin() as conn:
        codes = factors.confirm(conn, office.clock.now(), office.sealer, user.id, code)
    if codes is None:
        return _factor_page(request, viewer, 400, _("这不是刚才那个二维码的动态口令，请等下一组再试。"))
    return render(request, "recovery_codes.html", viewer=viewer, codes=codes)


@router.post(f"{FACTOR_PAGE}/remove", dependencies=[Depends(checked_form)])
def remove_factor(
    request: Request,
    viewer: Person,
    password: Secret = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Forget the device, for who knows the password and holds it; not where the account must have one."""
    office, user, now = office_of(request), viewer.user, office_of(request).clock.now()
    if user.totp_required:
        raise Refused(_("此账号必须使用动态口令"), hint=_("换设备请联系系统管理员重置"))
    with office.engine.begin() as conn:
        known = is_own_password(conn, now, user.id, password)
        if known and factors.check(conn, now, office.sealer, user.id, code).lets_in:
            factors.remove(conn, now, user.id)
            sessions.end_all(conn, now, user.id, EndReason.FACTOR_CHANGED, actor=user.id)
            return _anew(request, conn, viewer, FACTOR_PAGE)
    return _factor_page(request, viewer, 401, _("密码或动态口令不正确；连续输错 5 次将锁定 15 分钟。"))


def _anew(request: Request, conn: Connection, viewer: Viewer, page: str) -> Response:
    """The same person in a new session: keys from before the change are worth nothing."""
    user = find_user(conn, viewer.user.id)
    answer = RedirectResponse(page, status_code=303)
    if user is not None:
        write(request, answer, office_of(request).sessions.begin(conn, user, viewer.way, agent_of(request)))
    return answer


def _first_the_password(viewer: Viewer) -> None:
    if viewer.user.must_change:
        raise StepNeeded(PASSWORD_PAGE)


def _password_form(request: Request, viewer: Viewer, status: int = 200, problem: str = "") -> Response:
    return render(request, "password.html", status, viewer=viewer, problem=problem)


def _factor_page(request: Request, viewer: Viewer, status: int = 200, problem: str = "") -> Response:
    _first_the_password(viewer)
    office = office_of(request)
    with office.engine.connect() as conn:
        totp = factors.proposed(conn, office.sealer, viewer.user.id)
    return render(
        request,
        "second_factor.html",
        status,
        viewer=viewer,
        secret=totp.secret if totp else "",
        problem=problem,
    )
