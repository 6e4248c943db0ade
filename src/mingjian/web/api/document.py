"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from mingjian.web.api.guarded import CSRF_HEADER
from mingjian.web.api.problem import Problem
from mingjian.web.scopes import Needs, needs_of
from mingjian.web.session import COOKIE
from mingjian.web.viewer import SAFE_METHODS

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
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "an API token; the scope it must name stands in brackets",
        },
    }
    routes = [route for route in router.routes if isinstance(route, APIRoute) and route.include_in_schema]
    for route in routes:
        for method in route.methods:
            _ways_in(found["paths"][route.path_format][method.lower()], method, needs_of(route))
    return found


def _ways_in(operation: dict[str, Any], method: str, needs: Needs | None) -> None:
    """A cookie reads; to write it needs the session's token beside it. A bearer token does both, if it names the scope."""
    cookie: dict[str, list[str]] = {"session": []} if method in SAFE_METHODS else {"session": [], "csrf": []}
    scope = needs.of(method) if needs else None
    operation["security"] = [cookie, {"token": [scope.value] if scope else []}]
    # The token is named as a way to sign in, so it is no parameter besides.
    parameters = [p for p in operation.get("parameters", []) if p["name"].lower() != CSRF_HEADER.lower()]
    if parameters:
        operation["parameters"] = parameters
