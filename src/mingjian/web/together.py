"""What a warning's page shows beside its order: units that take part, and the campaign that the order carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mingjian.domain.co_handling import CoState, part_light
from mingjian.domain.order import Light, OrderState
from mingjian.store import campaigns, co_handlers, policies, queue
from mingjian.supervise import terms_of
from mingjian.supervise.terms import under
from mingjian.web.campaigns import CampaignSeen, shown
from mingjian.web.naming import unit_name
from mingjian.web.viewer import Office


@dataclass(frozen=True)
class Beside:
    """One unit beside the lead: its state and light, when its part is due or came in, and the part."""

    unit: str
    state: str
    light: Light
    due: datetime | None
    answered_at: datetime | None
    opinion: str


def beside(conn: Connection, office: Office, warning_id: str) -> list[Beside]:
    """The units that take part or are proposed; a released one stands in the history alone."""
    lit = lit_parts(conn, office, warning_id)
    return [_beside(row, light) for row, light in lit if row["state"] != CoState.RELEASED]


def lit_parts(conn: Connection, office: Office, warning_id: str) -> list[tuple[RowMapping, Light]]:
    """Every unit that was asked or proposed, oldest first, each with the light of its part."""
    rows = co_handlers.of_warning(conn, warning_id)
    order = queue.order_of(conn, warning_id) if rows else None
    if order is None:
        return [(row, Light.NONE) for row in rows]
    terms, now = terms_of(office.content), office.clock.now()
    if order["policy_version"] != terms.policy.version:
        terms = under(terms, order["policy_version"], policies.known(conn))
    state = OrderState(order["state"])
    return [(row, part_light(CoState(row["state"]), row["due"], state, now, terms)) for row in rows]


def campaign_of(conn: Connection, office: Office, warning_id: str) -> CampaignSeen | None:
    """The campaign whose order this warning carries, if it does."""
    row = campaigns.of_warning(conn, warning_id)
    return None if row is None else shown(conn, office, row)


def _beside(row: RowMapping, light: Light) -> Beside:
    named, state = unit_name(row) or "", CoState(row["state"]).label
    return Beside(named, state, light, row["due"], row["answered_at"], row["opinion"])
