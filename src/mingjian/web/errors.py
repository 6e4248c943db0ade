"""Errors of the web, each with its HTTP status, and the pages and JSON that tell them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from mingjian.domain.errors import MingjianError, NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.web.middleware import HEADERS
from mingjian.web.pages import render


class SignInNeeded(Exception):
    """Nobody is signed in."""


class StepNeeded(Exception):
    """Somebody is signed in and must first do what `page` asks: a new password, or a second factor."""

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page


class Refused(MingjianError):
    """The user is known and may not do this."""


class BadRequest(MingjianError):
    """A filter or cursor that cannot be read."""


STATUS: dict[type[MingjianError], int] = {NotFound: 404, Refused: 403, BadRequest: 400, TransitionError: 409}


def tell_errors(app: FastAPI) -> None:
    """Register how each error is told: a page to people, JSON below /api."""
    app.add_exception_handler(SignInNeeded, _ask_to_sign_in)
    app.add_exception_handler(StepNeeded, _ask_for_step)
    app.add_exception_handler(MingjianError, _tell)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(RequestValidationError, _tell_unreadable)
    app.add_exception_handler(Exception, _tell_failure)


async def _ask_to_sign_in(request: Request, _error: Exception) -> Response:
    if _is_api(request):
        return JSONResponse({"error": _("请先登录")}, status_code=401)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = "/sign-in" if request.method != "GET" else f"/sign-in?next={quote(back, safe='')}"
    return RedirectResponse(target, status_code=303)


async def _ask_for_step(request: Request, error: Exception) -> Response:
    if _is_api(request):
        refused = Refused(
            _("请先完成首次登录的设置"), hint=_("在网页登录，按提示修改密码或绑定动态口令，再使用接口")
        )
        return await _tell(request, refused)
    return RedirectResponse(error.page if isinstance(error, StepNeeded) else "/", status_code=303)


async def _tell(request: Request, error: Exception) -> Response:
    status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)
    message = error.message if isinstance(error, MingjianError) else ""
    hint = error.hint if isinstance(error, MingjianError) else ""
    return _answer(request, status, message, hint)


async def _tell_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return _answer(request, 404, _("没有这个页面"), _("请核对网址，或从页首菜单重新进入"))
    return _answer(request, status, _("请求无法处理"), _("返回上一页重试"))


async def _tell_unreadable(request: Request, _error: Exception) -> Response:
    return _answer(request, 400, _("请求中有无法识别的内容"), _("返回上一页，刷新后重试"))


async def _tell_failure(request: Request, _error: Exception) -> Response:
    """A fault of ours: nothing of it is shown. Made outside `Around`, so it adds the headers itself."""
    answer = _answer(request, 500, _("系统出错，请稍后重试"), _("如反复出现，请联系系统管理员并告知操作时间"))
    answer.headers.update(HEADERS)
    return answer


def _answer(request: Request, status: int, message: str, hint: str) -> Response:
    if _is_api(request):
        return JSONResponse({"error": message, "hint": hint}, status_code=status)
    return render(request, "error.html", status=status, message=message, hint=hint)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
