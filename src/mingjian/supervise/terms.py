"""The terms that a city's content sets: its policy, and its calendar with the local days."""

from __future__ import annotations

from collections.abc import Mapping

from mingjian.content import Content
from mingjian.domain.policy import Policy
from mingjian.domain.terms import Terms
from mingjian.supervise.calendar import WorkCalendar


def terms_of(content: Content) -> Terms:
    """Policy and calendar in force; an order goes on under the version it was issued under (`under`)."""
    return Terms(content.policy, WorkCalendar(local=content.local_days))


def under(terms: Terms, version: int, known: Mapping[int, Policy]) -> Terms:
    """The terms of an order issued under this version of the policy."""
    return terms if version == terms.policy.version else terms.under(known.get(version))
