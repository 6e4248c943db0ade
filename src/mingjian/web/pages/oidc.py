"""The way to the identity provider and back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.sign_in import Way
from mingjian.store import audit
from mingjian.store.identity import find_user
from mingjian.store.users import note
from mingjian.web.oidc import OidcError, OidcFault, Provider
from mingjian.web.pages.sign_in import enter, own_page, sign_in_form, write
from mingjian.web.viewer import office_of

router = APIRouter()


@router.get("/sign-in/oidc")
def go(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    office, provider = office_of(request), _provider(request)
    try:
        address, one_try = provider.ask(_return_address(request))
    except OidcError as error:
        return _refuse(request, error.fault)
    answer = RedirectResponse(address, status_code=303)
    write(request, answer, office.sessions.nobody({**one_try, "next": own_page(next)}))
    return answer


@router.get("/sign-in/oidc/return")
def come_back(request: Request) -> Response:
    """Take the provider's word for an account that exists; anything else leads back to the form."""
    office, provider = office_of(request), _provider(request)
    remembered = office.sessions.waiting(request)
    try:
        account = provider.account(_return_address(request), remembered, request.query_params)
    except OidcError as error:
        return _refuse(request, error.fault)
    with office.engine.begin() as conn:
        user = find_user(conn, account)
        if user is not None:
            note(conn, office.clock.now(), user.id, "sign_in_by_provider")
            return enter(request, conn, user, remembered.get("next", "/"), Way.OIDC)
    return _refuse(request, OidcFault.NO_ACCOUNT)


def _provider(request: Request) -> Provider:
    provider = office_of(request).provider
    if provider is None:
        raise NotFound(_("没有这个页面"), hint=_("请核对网址，或从页首菜单重新进入"))
    return provider


def _return_address(request: Request) -> str:
    return str(request.url_for("come_back"))


def _refuse(request: Request, fault: OidcFault) -> Response:
    """The form again, with a new state; the log says why, without whatever the provider sent."""
    office = office_of(request)
    with office.engine.begin() as conn:
        audit.record(
            conn,
            at=office.clock.now(),
            actor="nobody",
            action="sign_in_failed",
            object_kind="sign_in",
            object_id="oidc",
            detail={"reason": fault.value},
        )
    problem = _("未能通过统一认证登录：认证未完成，或没有与之对应的账号。可重试，或用账号密码登录。")
    return sign_in_form(request, "/", status=401, problem=problem, anew=True)
