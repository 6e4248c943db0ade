"""What a token must name to use a room of the API: declared once for each router, asked before anything else.

A person with a session needs no scope, and a token never does more than its user may. Reading and writing are asked
for apart. `needs_of` tells what was declared, so that the document, the matrix and the tests read the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from mingjian.domain.i18n import _
from mingjian.domain.sign_in import Scope
from mingjian.web.errors import TooNarrow
from mingjian.web.viewer import SAFE_METHODS, SignedIn


@dataclass(frozen=True)
class Needs:
    """The scope that reading takes and the scope that writing takes; None for both: any token will do."""

    read: Scope | None
    write: Scope | None

    def of(self, method: str) -> Scope | None:
        """The scope for a request by this method."""
        return self.read if method in SAFE_METHODS else self.write


_DECLARED: dict[Callable[..., Any], Needs] = {}


def token_needs(read: Scope | None, write: Scope | None = None) -> Dependency:
    """A dependency for a whole router: Refused (403) to a token without the scope. Without `write`, one scope is for both."""
    needs = Needs(read, write or read)

    async def ask(request: Request, viewer: SignedIn) -> None:
        scope = needs.of(request.method)
        if scope is not None and not viewer.has(scope):
            raise TooNarrow(
                _("此令牌的用途范围不含 {scope}", scope=scope.value),
                hint=_("请管理员另发一个范围合适的令牌"),
            )

    _DECLARED[ask] = needs
    found: Dependency = Depends(ask)
    return found


def needs_of(route: APIRoute) -> Needs | None:
    """What was declared for this route; None when nothing was, which no route of the API may be."""
    declared = (_DECLARED[d.dependency] for d in route.dependencies if d.dependency in _DECLARED)
    return next(declared, None)


ANY_TOKEN = token_needs(None)
WARNINGS = token_needs(Scope.READ_WARNINGS, Scope.WRITE_WARNINGS)
BULK = token_needs(Scope.WRITE_WARNINGS)
EXPORT = token_needs(Scope.EXPORT)
FIGURES = token_needs(Scope.READ_FIGURES)
WEBHOOKS = token_needs(Scope.WEBHOOKS)
ADMIN = token_needs(Scope.ADMIN)
