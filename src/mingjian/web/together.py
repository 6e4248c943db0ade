"""What a warning's page shows beside its order: units that take part, and the campaign that the order carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mingjian.domain.co_handling import CoState
from mingjian.store import campaigns, co_handlers
from mingjian.web.campaigns import CampaignSeen, shown
from mingjian.web.naming import unit_name
from mingjian.web.viewer import Office


@dataclass(frozen=True)
class Beside:
    """One unit beside the lead: its state and why, when its part is due or came in, and the part."""

    unit: str
    state: str
    due: datetime | None
    answered_at: datetime | None
    opinion: str


def beside(conn: Connection, warning_id: str) -> list[Beside]:
    """The units that take part or are proposed; a released one stands in the history alone."""
    rows = co_handlers.of_warning(conn, warning_id)
    return [_beside(row) for row in rows if row["state"] != CoState.RELEASED]


def campaign_of(conn: Connection, office: Office, warning_id: str) -> CampaignSeen | None:
    """The campaign whose order this warning carries, if it does."""
    row = campaigns.of_warning(conn, warning_id)
    return None if row is None else shown(conn, office, row)


def _beside(row: RowMapping) -> Beside:
    return Beside(
        unit_name(row) or "", CoState(row["state"]).label, row["due"], row["answered_at"], row["opinion"]
    )
