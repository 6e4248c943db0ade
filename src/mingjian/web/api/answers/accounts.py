"""Answers about accounts and whoever is asking."""

from __future__ import annotations

from pydantic import Field

from mingjian.web.api.answers.base import Answer


class Me(Answer):
    """Who is asking, and the token that writes by cookie carry in X-CSRF-Token."""

    id: str
    name: str
    role: str
    role_name: str
    data_scope: str
    unit_id: str | None
    unit_name: str
    csrf: str
    may: list[str] = Field(description="warnings, overview, health: what the role may read")


class AccountFrozen(Answer):
    """Nobody gets in with this account any more."""

    id: str
