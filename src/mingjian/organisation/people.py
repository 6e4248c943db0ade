"""Whether users and units fit together: units that exist, scopes that suit the role, leaders with an account."""

from __future__ import annotations

import pandas as pd

from mingjian.domain.roles import Role
from mingjian.domain.unit import DataScope
from mingjian.organisation.check import kept
from mingjian.organisation.rejects import RejectReason, Rejects

_R = RejectReason
_HANDLERS = (str(Role.R1), str(Role.R2))
# What these scopes reach follows from the user's unit.
_FROM_UNIT = (str(DataScope.OWN_ORG), str(DataScope.OWN_REGION), str(DataScope.LINE))


def check_people(
    frame: pd.DataFrame,
    open_units: set[str],
    closed_units: set[str],
    refused_units: set[str],
    rejects: Rejects,
) -> pd.DataFrame:
    """The rows whose unit stands and whose scope suits; `refused_units` are in the units' file but not taken."""
    unit = frame["unit_id"].astype(object)
    lost = (unit != "") & ~unit.isin(open_units)
    closed, refused = unit.isin(closed_units), unit.isin(refused_units)
    rejects.mark(frame, lost & closed, "unit_id", _R.UNIT_CLOSED)
    rejects.mark(frame, lost & ~closed & refused, "unit_id", _R.UNIT_REJECTED)
    rejects.mark(frame, lost & ~closed & ~refused, "unit_id", _R.UNIT_UNKNOWN)
    rejects.mark(frame, (unit == "") & frame["data_scope"].isin(_FROM_UNIT), "unit_id", _R.UNIT_NEEDED)
    wide = (
        frame["role"].isin(_HANDLERS)
        & (frame["data_scope"] != "")
        & (frame["data_scope"] != DataScope.OWN_ORG)
    )
    rejects.mark(frame, wide, "data_scope", _R.SCOPE_TOO_WIDE)
    return kept(frame, rejects)


def check_leaders(frame: pd.DataFrame, held: pd.DataFrame, users: set[str], rejects: Rejects) -> pd.DataFrame:
    """The units' rows; a leader whom nobody knows is told, and the unit keeps the leader it had."""
    column = "charge_leader_user_id"
    if column not in frame:
        return frame
    unknown = (frame[column] != "") & ~frame[column].isin(users)
    rejects.mark(frame, unknown, column, _R.LEADER_UNKNOWN)
    was = frame["id"].map(held.set_index("id")[column]).fillna("").astype("str")
    return frame.assign(**{column: frame[column].where(~unknown, was)})
