"""Version 1 of the API: its rooms, and the document that describes them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from mingjian.web.api import (
    accounts,
    appeals,
    attachments,
    bulk,
    campaigns,
    co_handlers,
    enterprise,
    exports,
    figures,
    me,
    orders,
    steps,
    units,
    warnings,
    webhooks,
)
from mingjian.web.api.document import describe
from mingjian.web.api.guarded import clean_request
from mingjian.web.scopes import ANY_TOKEN
from mingjian.web.viewer import SignedIn, viewer_of

# Who asks is settled first, so that whatever is refused afterwards can be written down.
router = APIRouter(prefix="/api/v1", dependencies=[Depends(viewer_of), Depends(clean_request)])
for room in (
    me,
    warnings,
    steps,
    co_handlers,
    appeals,
    attachments,
    orders,
    campaigns,
    enterprise,
    units,
    bulk,
    exports,
    figures,
    webhooks,
    accounts,
):
    router.include_router(room.router)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of version 1."""
    return describe(router)


@router.get("/openapi.json", include_in_schema=False, dependencies=[ANY_TOKEN])
def openapi(_viewer: SignedIn) -> JSONResponse:
    """The same document for programs."""
    return JSONResponse(document())
