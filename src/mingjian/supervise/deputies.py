"""Deputies: whose role a person may fill in a step, and for whom the step is then taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from mingjian.domain.roles import Role
from mingjian.domain.warning import BY_ACTION
from mingjian.store import absences
from mingjian.store.absences import Principal
from mingjian.store.tables import unit

_HANDLERS = frozenset({Role.R1, Role.R2})


@dataclass(frozen=True)
class Standing:
    """The role in which a step is taken; `principal` is the absent user it is borrowed from, None for one's own."""

    role: Role
    principal: str | None = None


def stand_in(
    conn: Connection, actor: str, role: Role, action: str, warning: RowMapping, now: datetime
) -> Standing:
    """The actor's own role where it allows the step, else that of an absent user for whom the actor stands in.

    A handler's role is lent for matters of the absent user's unit and what stands below it only.
    """
    step = BY_ACTION.get(action)
    if step is None or role in step.roles or role is Role.SYSTEM:
        return Standing(role)
    for principal in absences.acting_for(conn, actor, now):
        if Role(principal.role) in step.roles and _reaches(conn, principal, warning["unit_id"]):
            return Standing(Role(principal.role), principal.user_id)
    return Standing(role)


def lent_roles(conn: Connection, user_id: str, unit_id: str | None, now: datetime) -> list[Role]:
    """The roles that the user may fill now, for absent colleagues, on a matter of this unit."""
    lent = [p.role for p in absences.acting_for(conn, user_id, now) if _reaches(conn, p, unit_id)]
    return [Role(role) for role in dict.fromkeys(lent)]


def _reaches(conn: Connection, principal: Principal, unit_id: str | None) -> bool:
    if Role(principal.role) not in _HANDLERS:
        return True
    if unit_id is None or principal.unit_path is None:
        return False
    path = conn.scalar(select(unit.c.path).where(unit.c.id == unit_id))
    return path is not None and path.startswith(principal.unit_path)
