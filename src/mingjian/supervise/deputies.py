"""Deputies: whose role a person may fill in a step, and for whom the step is then taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
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
    conn: Connection,
    actor: str,
    role: Role,
    action: str,
    warning: RowMapping,
    now: datetime,
    holders: Collection[str] | None = None,
) -> Standing:
    """The actor's own role where it allows the step, else that of an absent user for whom the actor stands in.

    A handler's role is lent for matters of the absent user's unit and what stands below it only. `holders` are those
    whose data scope holds the matter (None: not asked): nobody's role reaches further than his own scope. Raises
    TransitionError when the actor's own role would do, and the matter is only somebody else's.
    """
    step = BY_ACTION.get(action)
    own = holders is None or actor in holders
    if step is None or role is Role.SYSTEM or (own and role in step.roles):
        return Standing(role)
    for principal in absences.acting_for(conn, actor, now):
        held = holders is None or principal.user_id in holders
        if held and Role(principal.role) in step.roles and _reaches(conn, principal, warning["unit_id"]):
            return Standing(Role(principal.role), principal.user_id)
    if not own and role in step.roles:
        raise TransitionError(
            _("这件事不在您本人的数据范围内，代理的角色不能执行 {action}", action=action),
            hint=_("请由数据范围内的人员办理"),
        )
    return Standing(role)


def lent_roles(
    conn: Connection,
    user_id: str,
    unit_id: str | None,
    now: datetime,
    holders: Collection[str] | None = None,
) -> list[Role]:
    """The roles that the user may fill now, for absent colleagues, on a matter of this unit; `holders` as in `stand_in`."""
    lent = [
        p.role
        for p in absences.acting_for(conn, user_id, now)
        if (holders is None or p.user_id in holders) and _reaches(conn, p, unit_id)
    ]
    return [Role(role) for role in dict.fromkeys(lent)]


def _reaches(conn: Connection, principal: Principal, unit_id: str | None) -> bool:
    if Role(principal.role) not in _HANDLERS:
        return True
    if unit_id is None or principal.unit_path is None:
        return False
    path = conn.scalar(select(unit.c.path).where(unit.c.id == unit_id))
    return path is not None and path.startswith(principal.unit_path)
