"""What a reader of a matter may not notice of its history.

Rechecks are unannounced: whoever is not a supervisor sees a matter that is looked at again as closed, everywhere. A
visitor asks the public before knowing what was found (catalogue §4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mingjian.domain.recheck import SHOWN_AS, UNANNOUNCED
from mingjian.domain.warning import BY_ACTION
from mingjian.store.late import EVALUATION_LATE
from mingjian.supervise.reading import version_read
from mingjian.web.access import Access

_ASKED = frozenset(BY_ACTION) - {"dispatch", "visit_back"} | {EVALUATION_LATE}
_SEEN = {hidden.value: shown.value for hidden, shown in SHOWN_AS.items()}


def seen_row(row: Mapping[Any, Any], access: Access) -> Mapping[Any, Any]:
    """A warning's row as this reader may see it: its state, and its version where the row has one."""
    if access.rechecks:
        return row
    seen = {**row, "status": _SEEN.get(row["status"], row["status"])}
    return seen | {"version": version_read(row, sees_rechecks=False)} if "version" in row else seen


def hidden_steps(access: Access) -> frozenset[str]:
    """Steps that this reader may not notice."""
    unannounced: frozenset[str] = frozenset() if access.rechecks else UNANNOUNCED
    return unannounced if access.findings else unannounced | _ASKED


def seen_states(states: Sequence[str] | None, access: Access) -> list[str] | None:
    """States to filter by so that the list agrees with what its rows show; None stays for any."""
    if states is None or access.rechecks:
        return None if states is None else list(states)
    kept = [s for s in states if s not in _SEEN]
    return kept + [hidden for hidden, shown in _SEEN.items() if shown in kept]


def seen_steps(steps: Iterable[Mapping[Any, Any]], access: Access) -> list[Mapping[Any, Any]]:
    """The history without the steps that this reader may not notice."""
    hidden = hidden_steps(access)
    shown = [s for s in steps if s["action"] not in hidden]
    if access.rechecks:
        return shown
    return [{**s, **{c: _SEEN.get(s[c], s[c]) for c in ("from_state", "to_state")}} for s in shown]
