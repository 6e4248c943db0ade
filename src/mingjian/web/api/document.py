"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from mingjian.web.api.guarded import CSRF_HEADER
from mingjian.web.api.problem import Problem
from mingjian.web.session import COOKIE

VERSION = "1.0.0"
TITLE = "Mingjian API"
ABOUT = (
    "Warnings, supervision orders and the steps taken on them. Every write names an Idempotency-Key; a step or a "
    "change of one record names the ETag it was decided on in If-Match. Refusals are problem+json (RFC 9457)."
)
_REF = "#/components/schemas/{model}"


def describe(router: APIRouter) -> dict[str, Any]:
    """The document of these routes, with problems, headers and ways to sign in."""
    found = get_openapi(title=TITLE, version=VERSION, description=ABOUT, routes=router.routes)
    components = found.setdefault("components", {})
    _keys, defs = models_json_schema([(Problem, "serialization")], ref_template=_REF)
    components.setdefault("schemas", {}).update(defs["$defs"])
    components["schemas"].pop("HTTPValidationError", None)
    components["schemas"].pop("ValidationError", None)
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
        "token": {"type": "http", "scheme": "bearer"},
    }
    for path in found["paths"].values():
        for method, operation in path.items():
            _ways_in(operation, method)
    return found


def _ways_in(operation: dict[str, Any], method: str) -> None:
    """A cookie reads; to write it needs the session's token beside it. A bearer token does both."""
    cookie: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
    operation["security"] = [cookie, {"token": []}]
    # The token is named as a way to sign in, so it is no parameter besides.
    parameters = [p for p in operation.get("parameters", []) if p["name"].lower() != CSRF_HEADER.lower()]
    if parameters:
        operation["parameters"] = parameters
