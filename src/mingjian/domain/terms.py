"""The terms under which an order stands: its city's policy, and the days that count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mingjian.domain.policy import Policy
from mingjian.domain.workdays import WorkingDays


@dataclass(frozen=True)
class Terms:
    """A policy and a calendar; what every deadline, light and tier is computed from."""

    policy: Policy
    calendar: WorkingDays

    def under(self, policy: Policy | None) -> Terms:
        """The same calendar under another policy; unchanged for None."""
        return self if policy is None else replace(self, policy=policy)
