"""The one place that decides who sees which rows, and how much of them.

A user's rows are: what the role may read at all x the data scope (own unit and below, own region, own line of
business, the city). Every page and every API call takes its WHERE clause and masking level from `access_of`.
Anything not allowed by a line below is refused: an unknown role or scope sees nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from mingjian.domain.unmask import APPROVERS, MAY_ASK, Sight
from mingjian.store.tables import enterprise_issue, unit, warning
from mingjian.store.users import User


class Mask(IntEnum):
    """Catalogue §7. L0 figures only; L1 marks, no free text; L2 free text too, for the handler's own task.

    More than that, names and numbers, is shown only by an approved request: see `web.unmasking`.
    """

    L0 = 0
    L1 = 1
    L2 = 2


HANDLERS = frozenset({"R1", "R2"})
SUPERVISORS = frozenset({"R4", "R5", "R6"})
READ_WARNINGS = HANDLERS | SUPERVISORS | {"R3", "R7", "R8", "R9"}
READ_OVERVIEW = SUPERVISORS | {"R3", "R7", "R9", "R10", "LEADER"}
READ_HEALTH = SUPERVISORS | {"R3", "R9", "R10", "R11", "LEADER"}
# Rechecks are unannounced (web.unannounced): their plan is for supervisors alone.
READ_SHADOW = SUPERVISORS | {"R9"}

READ_ISSUES = HANDLERS | SUPERVISORS | {"R3", "R7", "R8"}

# A unit must not learn of a matter before it is dispatched, nor follow a clue that has left the platform.
HIDDEN_FROM_HANDLERS = ("recorded", "waiting", "new", "triaged", "referred")


@dataclass(frozen=True)
class Access:
    """What one user may see: `rows` over `warning`, `issues` over `enterprise_issue`, the masking level, pages, and
    districts of the figures.

    `complainant`: whether who complained may be known. `unmask`, `approve`: whether the role may ask to see what is
    hidden, and allow it to others. `figures_district` is None for the whole city, else the 6-digit code that the overview is limited to.
    """

    rows: ColumnElement[bool]
    mask: Mask
    warnings: bool
    overview: bool
    health: bool
    shadow: bool
    complainant: bool
    rechecks: bool
    issues: ColumnElement[bool]
    unmask: bool = False
    approve: bool = False
    figures_district: str | None = None


def access_of(user: User) -> Access:
    """The access of a user; rows outside it do not exist for that user."""
    reads = user.role in READ_WARNINGS
    handler = user.role in HANDLERS
    district = _district(user.region_code)
    return Access(
        rows=and_(_rows_of_role(user.role), _rows_of_scope(user)) if reads else false(),
        mask=Mask.L2 if user.role == "R1" else Mask.L1 if reads else Mask.L0,
        warnings=reads,
        overview=user.role in READ_OVERVIEW and (user.data_scope == "city" or _is_own_district(user)),
        health=user.role in READ_HEALTH,
        shadow=user.role in READ_SHADOW,
        complainant=reads and not handler,
        rechecks=user.role in SUPERVISORS,
        issues=_issues_of(user),
        unmask=user.role in MAY_ASK,
        approve=user.role in APPROVERS[Sight.L2],
        figures_district=None if user.data_scope == "city" else district,
    )


def _rows_of_role(role: str) -> ColumnElement[bool]:
    if role in HANDLERS:
        return warning.c.status.not_in(HIDDEN_FROM_HANDLERS)
    if role in READ_SHADOW:
        return true()
    return warning.c.status != "recorded"


def _rows_of_scope(user: User) -> ColumnElement[bool]:
    if user.data_scope == "city":
        return true()
    if user.data_scope == "own_org" and user.units:
        own = warning.c.unit_id.in_(user.units)
        return or_(own, warning.c.id.in_(user.proposed)) if user.proposed else own
    if user.data_scope == "own_org" and user.unit_path:
        below = select(unit.c.id).where(unit.c.path.startswith(user.unit_path, autoescape=True))
        return warning.c.unit_id.in_(below)
    if user.data_scope == "own_region" and user.region_code:
        return _in_region(user.region_code)
    if user.data_scope == "line" and user.line_code:
        line = warning.c.unit_id.in_(select(unit.c.id).where(unit.c.line_code == user.line_code))
        district = _district(user.region_code)
        return and_(line, warning.c.district_code == district) if district else line
    return false()


def _issues_of(user: User) -> ColumnElement[bool]:
    """Issues of enterprises: those in the user's scope, and those that the user answers for as a leader."""
    issue, district = enterprise_issue.c, _district(user.region_code)
    scope: ColumnElement[bool] = false()
    if user.role not in READ_ISSUES:
        return scope
    if user.data_scope == "city":
        return true()
    if user.data_scope == "own_region" and user.region_code:
        scope = (
            issue.district_code == district
            if district
            else issue.district_code.startswith(user.region_code[:4])
        )
    elif user.data_scope == "own_org" and user.unit_path:
        below = select(unit.c.id).where(unit.c.path.startswith(user.unit_path, autoescape=True))
        scope = issue.unit_id.in_(below)
    elif user.data_scope == "line" and user.line_code:
        scope = issue.unit_id.in_(select(unit.c.id).where(unit.c.line_code == user.line_code))
    return or_(scope, issue.leader_user_id == user.id)


def _in_region(code: str) -> ColumnElement[bool]:
    """GB/T 2260: 150100 is a city, 150102 a district, longer codes lie below a district."""
    district = _district(code)
    if district is None:
        return warning.c.district_code.startswith(code[:4], autoescape=True)
    same_district = warning.c.district_code == district
    if len(code) == 6:
        return same_district
    return and_(same_district, warning.c.region_code.startswith(code, autoescape=True))


def _district(code: str | None) -> str | None:
    """The 6-digit district of a region code, or None for a city or no code."""
    return code[:6] if code and len(code) >= 6 and not code[:6].endswith("00") else None


def _is_own_district(user: User) -> bool:
    return user.data_scope == "own_region" and _district(user.region_code) is not None
