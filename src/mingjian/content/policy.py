"""What the city has settled itself: its `policy.yaml` and `calendar.yaml`, which lie beside its sources."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.content.loader import Content
from mingjian.content.policylaws import policy_breaches
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.policy import LocalDays, Policy

POLICY, CALENDAR = "policy.yaml", "calendar.yaml"


def with_policy(content: Content, folder: Path) -> Content:
    """The content with the city's own policy and local days in place of the shipped ones.

    Unchanged without the files; raises ContentError with path:line for a wrong one, also where its routing names a
    model or line there is not, or has a rule that never decides.
    """
    own_policy, own_days = folder / POLICY, folder / CALENDAR
    if own_policy.exists():
        for breach in policy_breaches(content, own_policy):
            raise ContentError(str(breach), hint=_("改正后用 mingjian lint 的同一法则再查"))
        content = replace(content, policy=yamlfile.read(own_policy, Policy))
    if own_days.exists():
        content = replace(content, local_days=yamlfile.read(own_days, LocalDays))
    return content
