"""Every route of the app, also those of included routers: nothing may be served that the tests do not walk."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route


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


def _leaves(route: BaseRoute) -> Iterator[Route]:
    """A route, or the routes of an included router."""
    inner = getattr(route, "original_router", None)
    if inner is None:
        assert isinstance(route, Route)
        yield route
        return
    for below in inner.routes:
        yield from _leaves(below)
