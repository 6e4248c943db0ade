"""One GET that bears with a struggling service: it retries 429, 5xx and timeouts, then gives up clearly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.settings import environment

MAX_WAIT_S = 60.0
FIRST_WAIT_S = 0.2


class _TryAgain(Exception):
    """The service may answer a little later."""

    def __init__(self, why: str, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


@contextmanager
def client(source: Source) -> Iterator[httpx.Client]:
    """A client with the source's credentials; no redirects, no proxy settings, no .netrc."""
    auth = source.auth
    headers = {"Accept": "application/json"}
    if auth.bearer_env:
        headers["Authorization"] = f"Bearer {environment(auth.bearer_env, source)}"
    if auth.header and auth.header_env:
        headers[auth.header] = environment(auth.header_env, source)
    basic = None
    if auth.user_env and auth.password_env:
        basic = (environment(auth.user_env, source), environment(auth.password_env, source))
    with httpx.Client(headers=headers, auth=basic, timeout=source.where.timeout_s, trust_env=False) as made:
        yield made


def get_json(made: httpx.Client, source: Source, url: str, params: dict[str, Any]) -> Any:
    """The parsed answer, numbers as the text sent; raises SourceError with status and first words."""
    attempts = Retrying(
        stop=stop_after_attempt(source.where.retries + 1),
        wait=_wait,
        retry=retry_if_exception_type(_TryAgain),
        reraise=True,
    )
    try:
        answer = attempts(_get, made, url, params)
    except _TryAgain as error:
        raise failed(source, url, str(error), _("稍后重新拉取；若持续，请联系提供方")) from None
    except (httpx.InvalidURL, httpx.HTTPError) as error:
        raise failed(source, url, type(error).__name__, _("核对数据源文件中的 where.url")) from None
    if answer.status_code != httpx.codes.OK:
        raise failed(source, url, _answered(answer), _("核对地址与凭据后重新拉取"))
    try:
        return json.loads(answer.content, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise failed(
            source, url, _("不是 JSON：") + _answered(answer), _("核对地址；请提供方检查接口")
        ) from None


def _get(made: httpx.Client, url: str, params: dict[str, Any]) -> httpx.Response:
    try:
        answer = made.get(url, params=params or None)
    except httpx.TimeoutException:
        raise _TryAgain(_("等待超时")) from None
    except httpx.TransportError as error:
        raise _TryAgain(_("连接失败（{error}）", error=type(error).__name__)) from None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
        raise _TryAgain(_answered(answer), _retry_after(answer))
    return answer


def _retry_after(answer: httpx.Response) -> float | None:
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdigit() else None


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return wait_seconds(state.attempt_number, getattr(error, "retry_after", None))


def wait_seconds(attempt: int, retry_after: float | None) -> float:
    """Seconds before the next try: what the service asks for, else doubling; never more than a minute."""
    return min(retry_after if retry_after is not None else FIRST_WAIT_S * 2 ** (attempt - 1), MAX_WAIT_S)


def _answered(answer: httpx.Response) -> str:
    words = " ".join(answer.text[:200].split())[:80]
    return f"HTTP {answer.status_code} {words}".strip()


def failed(source: Source, url: str, why: str, hint: str) -> SourceError:
    """The one clear message for a service; the address is shown without its query, which may hold a key."""
    shown = url.split("?", 1)[0]
    return SourceError(
        _("数据源 {source} 无法从 {url} 读取：{why}", source=source.name, url=shown, why=why), hint=hint
    )
