"""Errors of the web, each with its HTTP status, and the pages and JSON that tell them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from mingjian.domain.errors import MingjianError, NotFound, StaleVersion, TransitionError
from mingjian.domain.i18n import _
from mingjian.web.api.problem import Change, FieldError, Problem, answer, problem
from mingjian.web.middleware import HEADERS
from mingjian.web.pages import render
from mingjian.web.refusals import note_refusal


class SignInNeeded(Exception):
    """Nobody is signed in."""


class StepNeeded(Exception):
    """Somebody is signed in and must first do what `page` asks: a new password, or a second factor."""

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page


class Refused(MingjianError):
    """The user is known and may not do this."""


class TooNarrow(Refused):
    """The user may do this, and the token may not be used for it."""


class BadRequest(MingjianError):
    """A filter, cursor or header that cannot be read."""


class Busy(MingjianError):
    """The same request is being worked on, or the matter is in a state that does not allow it."""


class TooLarge(MingjianError):
    """A body or file above its limit."""


class Unprocessable(MingjianError):
    """A readable request whose content is refused: a file of the wrong kind, a key used for something else."""


class PreconditionMissing(MingjianError):
    """A write that does not say which version it was decided on."""


class Unavailable(MingjianError):
    """Something the request needs does not answer now."""


class Changed(MingjianError):
    """Somebody was faster: `changed` says who did which step since, `version` what holds now."""

    def __init__(self, cause: StaleVersion, changed: Sequence[Change] = ()) -> None:
        super().__init__(cause.message, hint=cause.hint)
        self.version = cause.current
        self.changed = list(changed)


STATUS: dict[type[MingjianError], int] = {
    NotFound: 404,
    Refused: 403,
    BadRequest: 400,
    TransitionError: 409,
    Busy: 409,
    StaleVersion: 412,
    Changed: 412,
    TooLarge: 413,
    Unprocessable: 422,
    PreconditionMissing: 428,
    Unavailable: 503,
}


def tell_errors(app: FastAPI) -> None:
    """Register how each error is told: a page to people, problem+json below /api."""
    app.add_exception_handler(SignInNeeded, _ask_to_sign_in)
    app.add_exception_handler(StepNeeded, _ask_for_step)
    app.add_exception_handler(MingjianError, _tell)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(RequestValidationError, _tell_unreadable)
    app.add_exception_handler(Exception, _tell_failure)


def problem_of(error: MingjianError, instance: str) -> Problem:
    """An error of ours as a problem; the name of its class is its kind."""
    return problem(
        _status_of(error),
        error.message,
        instance,
        error.hint,
        kind=_kind(type(error).__name__),
        changed=error.changed if isinstance(error, Changed) else None,
        version=error.version if isinstance(error, Changed) else getattr(error, "current", None),
    )


async def _ask_to_sign_in(request: Request, _error: Exception) -> Response:
    if is_api(request):
        return answer(problem(401, _("请先登录"), request.url.path), {"WWW-Authenticate": "Bearer"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = "/sign-in" if request.method != "GET" else f"/sign-in?next={quote(back, safe='')}"
    return RedirectResponse(target, status_code=303)


async def _ask_for_step(request: Request, error: Exception) -> Response:
    if is_api(request):
        refused = Refused(
            _("请先完成首次登录的设置"), hint=_("在网页登录，按提示修改密码或绑定动态口令，再使用接口")
        )
        return await _tell(request, refused)
    return RedirectResponse(error.page if isinstance(error, StepNeeded) else "/", status_code=303)


async def _tell(request: Request, error: Exception) -> Response:
    said = error if isinstance(error, MingjianError) else MingjianError("")
    status = _status_of(said)
    await run_in_threadpool(note_refusal, request, status, _kind(type(said).__name__))
    if is_api(request):
        return answer(problem_of(said, request.url.path))
    return render(request, "error.html", status=status, message=said.message, hint=said.hint)


async def _tell_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if status == 404:
        return tell(request, 404, _("没有这个页面"), _("请核对网址，或从页首菜单重新进入"))
    return tell(request, status, _("请求无法处理"), _("返回上一页重试"), dict(headers or {}))


async def _tell_unreadable(request: Request, error: Exception) -> Response:
    message, hint = _("请求中有无法识别的内容"), _("返回上一页，刷新后重试")
    if not is_api(request):
        return tell(request, 400, message, hint)
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        FieldError(field=_field(fault["loc"]), message=str(fault["msg"])[:200]) for fault in faults[:20]
    ]
    await run_in_threadpool(note_refusal, request, 422, "unreadable")
    return answer(problem(422, message, request.url.path, _("按 errors 逐项更正后重试"), errors=errors))


async def _tell_failure(request: Request, _error: Exception) -> Response:
    """A fault of ours: nothing of it is shown. Made outside `Around`, so it adds the headers itself."""
    answer = tell(request, 500, _("系统出错，请稍后重试"), _("如反复出现，请联系系统管理员并告知操作时间"))
    answer.headers.update(HEADERS)
    return answer


def tell(
    request: Request, status: int, message: str, hint: str, headers: dict[str, str] | None = None
) -> Response:
    """A page to people, problem+json below /api."""
    if is_api(request):
        return answer(problem(status, message, request.url.path, hint), headers)
    return render(request, "error.html", status=status, message=message, hint=hint)


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def _status_of(error: MingjianError) -> int:
    return next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)


def _kind(name: str) -> str:
    """StaleVersion is told as stale-version."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


def _field(loc: Sequence[object]) -> str:
    """body.items.3.unit_id; what a caller made up is cut short and freed of what cannot be written."""
    return ".".join(str(part) for part in loc)[:100].encode("utf-8", "replace").decode("utf-8")
