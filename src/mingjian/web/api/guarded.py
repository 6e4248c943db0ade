"""What every request to the API passes: readable text, and for a write the proof that no other site sent it.

What waits for nothing is `async`: FastAPI sends every other dependency through its pool of threads, one after the other.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Request
from pydantic import AfterValidator, BaseModel, ConfigDict

from mingjian.domain.i18n import _
from mingjian.web.errors import BadRequest, Refused
from mingjian.web.viewer import SignedIn

CSRF_HEADER = "X-CSRF-Token"


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def readable(text: str) -> str:
    """The text itself; ValueError when it holds what no text of ours holds and no database keeps (NUL)."""
    if "\x00" in text:
        raise ValueError("NUL is not allowed in a text")
    return text


Text = Annotated[str, AfterValidator(readable)]


async def clean_request(request: Request) -> None:
    """A dependency: no NUL in path or query string."""
    parts = [request.url.path, *(v for pair in request.query_params.multi_items() for v in pair)]
    if any("\x00" in part or "%00" in part for part in parts):
        raise BadRequest(_("请求中有不可用的字符"), hint=_("去掉空字符（NUL）后重试"))


async def own_write(
    request: Request, viewer: SignedIn, x_csrf_token: Annotated[str, Header(max_length=200)] = ""
) -> None:
    """A dependency of every write: with a cookie the session's token is named in a header.

    A bearer token is such a proof by itself: another site can make a browser send a cookie, but no header.
    """
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    if not viewer.session.allows(x_csrf_token):
        raise Refused(
            _("缺少或不符的 {header} 请求头", header=CSRF_HEADER),
            hint=_("先读取 /api/v1/me 中的 csrf，再放入该请求头"),
        )
