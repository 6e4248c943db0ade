"""The one place that decides who sees which rows, and how much of them.

A user's rows are: what the role may read at all x the data scope (own unit and below, own region, own line of
business, the city). Every page and every API call takes its WHERE clause and masking level from `access_of`.
Anything not allowed by a line below is refused: an unknown role or scope sees nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from mingjian.domain.unmask import APPROVERS, MAY_ASK, Sight
from mingjian.store.identity import User
from mingjian.store.tables import enterprise_issue, supervision_order, unit, warning


class Mask(IntEnum):
    """Catalogue §7. L0 figures only; L1 marks, no free text; L2 free text too, for the handler's own task.

    More than that, names and numbers, is shown only by an approved request: see `web.unmasking`.
    """

    L0 = 0
    L1 = 1
    L2 = 2


HANDLERS = frozenset({"R1", "R2"})
SUPERVISORS = frozenset({"R4", "R5", "R6"})
# Whose own step needs no more of a case than the state it waits in: the data steward corrects what is reported as a
# data error, the visitor asks the public about what is evaluated (catalogue §4.1, §4.2).
STATES_OF = {"R10": ("data_error", "closed_data"), "R13": ("evaluating",)}
READ_WARNINGS = HANDLERS | SUPERVISORS | {"R3", "R7", "R8", "R9"} | set(STATES_OF)
READ_OVERVIEW = SUPERVISORS | {"R3", "R7", "R9", "R10", "LEADER"}
FREEZE = frozenset({"R11"})  # catalogue §4.1
READ_HEALTH = SUPERVISORS | {"R3", "R9", "R10", "R11", "LEADER"}
# Rechecks are unannounced (web.unannounced): their plan is for supervisors alone.
READ_SHADOW = SUPERVISORS | {"R9"}

VISITORS = frozenset({"R13"})
CALLERS = VISITORS | {"R3"}
READ_ISSUES = HANDLERS | SUPERVISORS | {"R3", "R7", "R8"}

# A unit must not learn of a matter before it is dispatched, nor follow a clue that has left the platform.
HIDDEN_FROM_HANDLERS = ("recorded", "waiting", "new", "triaged", "referred")
DISPATCHED = warning.c.status.not_in(HIDDEN_FROM_HANDLERS)


@dataclass(frozen=True)
class Access:
    """What one user may see: `rows` over `warning`, `issues` over `enterprise_issue`, the masking level, pages, and
    districts of the figures. `enterprise`: whether the role has to do with issues of enterprises at all.

    `orders` says of an order what `rows` says of its warning, where it can: an order lies with the unit that its warning
    names, and by the clock a unit's orders are found without looking at their warnings.
    `by_clock`: whether the rows are those of a few units, whose people work by the deadlines of their orders.
    `campaign_rows` are those of them whose campaign may be read; a visitor reads campaigns and their cases, no warning.
    `complainant`: whether who complained may be known. `findings`: whether what handlers and supervisors found may be
    read; a visitor asks without knowing it. `unmask`, `approve`: whether the role may ask to see what is
    hidden, and allow it to others. `freeze`: whether accounts may be frozen.
    `parts` are the reader's own access and those of absent colleagues for whom the reader stands in, empty without any;
    of one row (`at_row`), those that see it.
    `figures_district` is None for the whole city, else the 6-digit code that the overview is limited to.
    """

    rows: ColumnElement[bool]
    orders: ColumnElement[bool]
    mask: Mask
    warnings: bool
    overview: bool
    health: bool
    shadow: bool
    complainant: bool
    findings: bool
    rechecks: bool
    campaigns: bool
    campaign_rows: ColumnElement[bool]
    call_back: bool
    issues: ColumnElement[bool]
    enterprise: bool
    by_clock: bool = False
    unmask: bool = False
    approve: bool = False
    freeze: bool = False
    figures_district: str | None = None
    user_id: str = ""
    role: str = ""
    parts: tuple[Access, ...] = ()

    @property
    def own_rows(self) -> ColumnElement[bool]:
        """The rows that are the reader's in his own right, as steps in his own role need."""
        return self.parts[0].rows if self.parts else self.rows

    @property
    def holders(self) -> frozenset[str] | None:
        """By whose right the reader is here: his own, those of absent colleagues; None when only his own can be."""
        return frozenset(part.user_id for part in self.parts) if self.parts else None

    @property
    def roles(self) -> frozenset[str]:
        """The roles in which the reader is here."""
        return frozenset(part.role for part in self.parts) or frozenset({self.role})


@lru_cache(maxsize=4096)
def access_of(user: User) -> Access:
    """The access of a user; rows outside it do not exist for that user.

    Kept by everything that is known of the user, so it changes with any of it.
    """
    reads = user.role in READ_WARNINGS
    handler = user.role in HANDLERS
    district = _district(user.region_code)
    rows = and_(_rows_of_role(user.role), _rows_of_scope(user)) if reads else false()
    visits = user.role in VISITORS
    return Access(
        rows=rows,
        orders=_orders_of_scope(user) if reads else false(),
        mask=Mask.L2 if user.role == "R1" else Mask.L1 if reads else Mask.L0,
        warnings=reads,
        overview=user.role in READ_OVERVIEW and (user.data_scope == "city" or _is_own_district(user)),
        health=user.role in READ_HEALTH,
        shadow=user.role in READ_SHADOW,
        complainant=reads and not handler and user.role not in STATES_OF,
        findings=reads and not visits,
        rechecks=user.role in SUPERVISORS,
        campaigns=reads or visits,
        campaign_rows=and_(DISPATCHED, _rows_of_scope(user)) if visits else rows,
        call_back=user.role in CALLERS,
        issues=_issues_of(user),
        enterprise=user.role in READ_ISSUES,
        by_clock=handler and user.data_scope == "own_org",
        unmask=user.role in MAY_ASK,
        approve=user.role in APPROVERS[Sight.L2],
        freeze=user.role in FREEZE,
        figures_district=None if user.data_scope == "city" else district,
        user_id=user.id,
        role=user.role,
    )


def with_lent(own: Access, lent: Sequence[Access]) -> Access:
    """The access of a deputy: the rows and pages of both, and of each row no more than whoever sees less of it.

    What is lent is reading and the steps of the workflow. Unmasking, allowing it and freezing accounts are not: they
    were given to a person. A handler stays a handler, from whom a secret complainant is kept, and whose role may not
    read cases, or only those that wait for its one step (R10, R11, R13), does not come to read them by standing in.
    """
    if not lent or not own.warnings or own.role in STATES_OF:
        return own
    parts = (own, *lent)
    readers = [part for part in parts if part.warnings]
    districts = [part.figures_district for part in parts if part.overview]
    return replace(
        own,
        rows=or_(*(part.rows for part in parts)),
        orders=or_(*(part.orders for part in parts)),
        mask=min(part.mask for part in readers),
        warnings=any(part.warnings for part in parts),
        overview=any(part.overview for part in parts),
        health=any(part.health for part in parts),
        shadow=any(part.shadow for part in parts),
        complainant=all(part.complainant for part in readers),
        findings=all(part.findings for part in readers),
        rechecks=all(part.rechecks for part in readers),
        campaigns=any(part.campaigns for part in parts),
        campaign_rows=or_(*(part.campaign_rows for part in readers)),
        issues=or_(*(part.issues for part in readers)),
        enterprise=any(part.enterprise for part in readers),
        by_clock=all(part.by_clock for part in readers),
        figures_district=None if None in districts else next(iter(districts), own.figures_district),
        parts=parts,
    )


def at_row(access: Access, holds: Sequence[bool]) -> Access:
    """What holds for one row, by which of the `parts` see it: each of them counts in full, for this row alone."""
    seeing = [part for part, held in zip(access.parts, holds, strict=True) if held]
    if not seeing:
        return access
    own = access.parts[0]
    return replace(
        access,
        mask=max(part.mask for part in seeing),
        complainant=own.complainant and (holds[0] or all(part.complainant for part in seeing)),
        findings=any(part.findings for part in seeing),
        rechecks=any(part.rechecks for part in seeing),
        parts=tuple(seeing),
    )


def _rows_of_role(role: str) -> ColumnElement[bool]:
    if role in HANDLERS:
        return DISPATCHED
    if role in STATES_OF:
        return warning.c.status.in_(STATES_OF[role])
    if role in READ_SHADOW:
        return true()
    return warning.c.status != "recorded"


def _rows_of_scope(user: User) -> ColumnElement[bool]:
    if user.data_scope == "city":
        return true()
    if user.data_scope == "own_org" and user.units:
        own = warning.c.unit_id.in_(user.units)
        # A unit reads what it is to take, and what it handles together with another.
        beside = [*user.proposed, *user.co_handled]
        return or_(own, warning.c.id.in_(beside)) if beside else own
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


def _orders_of_scope(user: User) -> ColumnElement[bool]:
    if user.data_scope == "line" and user.line_code:
        line = select(unit.c.id).where(unit.c.line_code == user.line_code)
        return supervision_order.c.unit_id.in_(line)
    if user.data_scope != "own_org" or not user.units:
        return true()
    own, beside = supervision_order.c.unit_id.in_(user.units), [*user.proposed, *user.co_handled]
    return or_(own, supervision_order.c.warning_id.in_(beside)) if beside else own


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
