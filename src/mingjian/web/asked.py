"""Filters and order of the queue in a query string, the same for the list page and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.roles import Role
from mingjian.domain.warning import BY_ACTION, CLOSED_STATES, INTERVENTIONS, WarningState, allowed_actions
from mingjian.store.queue import Filters
from mingjian.web.errors import BadRequest
from mingjian.web.unannounced import seen_states
from mingjian.web.viewer import Viewer

OPEN, ALL = "open", "all"
BY_DUE = "due"  # else by level and score
LEVELS = {level.english: level for level in Level}
_SHADOW = WarningState.RECORDED


@dataclass(frozen=True)
class Asked:
    """What the query string says, as text; empty means not asked."""

    sector: str = ""
    level: str = ""
    district: str = ""
    model: str = ""
    status: str = OPEN
    mine: str = ""
    after: str = ""
    sort: str = ""

    def url(self, path: str = "/warnings", **changed: str) -> str:
        """The address of the same list with something changed; without its cursor unless that is given."""
        values = {**vars(self), "after": "", **changed}
        kept = {k: v for k, v in values.items() if v and (k, v) != ("status", OPEN)}
        return f"{path}?{urlencode(kept)}" if kept else path

    def filters(self, viewer: Viewer) -> Filters:
        """Filters for the store; BadRequest when a level, status or order is unknown."""
        if self.level and self.level not in LEVELS:
            raise BadRequest(_("没有等级 {level}", level=self.level), hint=_("可用：high、medium、low"))
        if self.sort not in ("", BY_DUE):
            raise BadRequest(_("没有排序 {sort}", sort=self.sort), hint=_("可用：due，或不填"))
        return Filters(
            sector=self.sector or None,
            level=LEVELS.get(self.level),
            district=self.district or None,
            model=self.model or None,
            statuses=seen_states(self._statuses(viewer), viewer.access),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the default is asked for."""
        return any([self.sector, self.level, self.district, self.model, self.mine, self.status != OPEN])

    def _statuses(self, viewer: Viewer) -> list[str] | None:
        if not self.mine:
            return _states(self.status)
        awaited = awaited_from(Role(viewer.user.role))
        return sorted(awaited.intersection(_states(self.status) or awaited))


def asked(
    sector: Annotated[str, Query(max_length=40)] = "",
    level: Annotated[str, Query(max_length=10)] = "",
    district: Annotated[str, Query(max_length=12)] = "",
    model: Annotated[str, Query(max_length=80)] = "",
    status: Annotated[str, Query(max_length=20)] = OPEN,
    mine: Annotated[str, Query(max_length=1)] = "",
    after: Annotated[str, Query(max_length=160)] = "",
    sort: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """A dependency: the query string, every part a text."""
    return Asked(sector, level, district, model, status or OPEN, mine, after, sort)


AskedFor = Annotated[Asked, Depends(asked)]


def awaited_from(role: Role) -> set[str]:
    """States in which this role's step moves a matter on: what waits for the reader.

    What waits for its budget does not, and interventions that are open at any time make nothing wait.
    """
    awaited = set()
    for state in WarningState:
        steps = [BY_ACTION[action] for action in allowed_actions(state, role)]
        moving = [step for step in steps if not step.stays and step.action not in INTERVENTIONS]
        if moving and state is not WarningState.WAITING:
            awaited.add(state.value)
    return awaited


def _states(status: str) -> list[str] | None:
    if status == OPEN:
        return [s.value for s in WarningState if s not in CLOSED_STATES and s is not _SHADOW]
    if status == ALL:
        return None
    if status not in set(WarningState):
        raise BadRequest(_("没有状态 {status}", status=status), hint=_("从列表页的筛选框中选择状态"))
    return [status]
