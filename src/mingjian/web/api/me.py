"""Who is asking."""

from __future__ import annotations

from fastapi import APIRouter

from mingjian.domain.roles import Role
from mingjian.web.api.answers.accounts import Me
from mingjian.web.api.problem import READS
from mingjian.web.scopes import ANY_TOKEN
from mingjian.web.viewer import SignedIn

router = APIRouter(tags=["me"], dependencies=[ANY_TOKEN])
PAGES = ("warnings", "overview", "health")


@router.get("/me", responses=READS)
def who_am_i(viewer: SignedIn) -> Me:
    """The account, what it may read, and its CSRF token."""
    user = viewer.user
    return Me(
        id=user.id,
        name=user.name,
        role=user.role,
        role_name=Role(user.role).label,
        data_scope=user.data_scope,
        unit_id=user.unit_id,
        unit_name=user.unit_name,
        csrf=viewer.session.csrf,
        may=[page for page in PAGES if getattr(viewer.access, page)],
    )
