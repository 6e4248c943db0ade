"""Every route of the app, also those of included routers: nothing may be served that the tests do not walk."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from mingjian.web.scopes import needs_of


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path template) of every route; the only mounted app is that of the static files."""
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static", "a mounted app would not ask for a user"
            continue
        for leaf in _leaves(route):
            found += [(method, leaf.path) for method in (leaf.methods or set()) - {"HEAD"}]
    return sorted(found)


def token_scopes(app: FastAPI) -> dict[tuple[str, str], str | None]:
    """The scope that a token must name, "any" for none, for each route of the API; None where nothing is declared."""
    found: dict[tuple[str, str], str | None] = {}
    for route in app.routes:
        for leaf in [] if isinstance(route, Mount) else _leaves(route):
            if leaf.path.startswith("/api/"):
                needs = needs_of(leaf) if isinstance(leaf, APIRoute) else None
                for method in (leaf.methods or set()) - {"HEAD"}:
                    found[method, leaf.path] = (needs.of(method) or "any") if needs else None
    return found


def _leaves(route: BaseRoute) -> Iterator[Route]:
    """A route, or the routes of an included router."""
    inner = getattr(route, "original_router", None)
    if inner is None:
        assert isinstance(route, Route)
        yield route
        return
    for below in inner.routes:
        yield from _leaves(below)
