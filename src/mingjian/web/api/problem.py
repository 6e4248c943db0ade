"""Errors as other programs read them: problem+json (RFC 9457), one shape for every refusal."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class Change(BaseModel):
    """One step that somebody took since the caller read the matter."""

    model_config = ConfigDict(extra="forbid")

    seq: int
    action: str
    label: str
    who: str
    at: datetime
    from_state: str
    to_state: str
    reason: str


class FieldError(BaseModel):
    """One field that cannot be read: where it stands, and what is wrong with it."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused, and what to do next (`hint`)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="about:blank, or urn:mingjian:problem:<kind> for a kind of ours")
    title: str
    status: int
    detail: str
    instance: str = Field(description="the path asked for")
    hint: str = ""
    changed: list[Change] | None = Field(None, description="412: who did which step since")
    version: int | None = Field(None, description="412: the version that holds now")
    errors: list[FieldError] | None = Field(None, description="422: the fields at fault")


def problem(
    status: int,
    detail: str,
    instance: str,
    hint: str = "",
    kind: str = "",
    changed: list[Change] | None = None,
    version: int | None = None,
    errors: list[FieldError] | None = None,
) -> Problem:
    """A problem with its title; `kind` names one of ours."""
    return Problem(
        type=f"urn:mingjian:problem:{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance[:200],
        hint=hint,
        changed=changed,
        version=version,
        errors=errors,
    )


def answer(said: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The response that carries a problem; what does not apply is left out."""
    body = said.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, said.status, headers, media_type=MEDIA_TYPE)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: these statuses and those that every route of the API may answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = {400, 401, 403, 422, 500, *statuses}
    return {s: {"description": HTTPStatus(s).phrase, "content": content} for s in sorted(every)}


READS = refusals(404)
WRITES = refusals(404, 409, 412, 413, 428)
