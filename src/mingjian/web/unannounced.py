"""Rechecks are unannounced: whoever is not a supervisor sees a matter that is looked at again as closed, everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mingjian.domain.warning import WarningState
from mingjian.web.access import Access

# Steps that would tell that somebody looks, or is going to look again.
HIDDEN_STEPS = frozenset({"recheck", "recheck_pass", "uphold_fp"})
_SEEN = {WarningState.RECHECK.value: WarningState.CLOSED.value}


def seen_row(row: Mapping[Any, Any], access: Access) -> Mapping[Any, Any]:
    """A warning's row as this reader may see it."""
    if access.rechecks or row["status"] not in _SEEN:
        return row
    return {**row, "status": _SEEN[row["status"]]}


def seen_states(states: Sequence[str] | None, access: Access) -> list[str] | None:
    """States to filter by so that the list agrees with what its rows show; None stays for any."""
    if states is None or access.rechecks:
        return None if states is None else list(states)
    kept = [s for s in states if s not in _SEEN]
    return kept + [hidden for hidden, shown in _SEEN.items() if shown in kept]


def seen_steps(steps: Iterable[Mapping[Any, Any]], access: Access) -> list[Mapping[Any, Any]]:
    """The history without the steps that announce a recheck."""
    if access.rechecks:
        return list(steps)
    return [
        {**s, **{c: _SEEN.get(s[c], s[c]) for c in ("from_state", "to_state")}}
        for s in steps
        if s["action"] not in HIDDEN_STEPS
    ]
