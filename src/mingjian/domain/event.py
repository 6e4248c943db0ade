"""Events that the city declares: public holidays of its own, storms, big outages. They explain, they silence nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from mingjian.domain.i18n import _
from mingjian.domain.source import Strict


class Event(Strict):
    """One event from its first to its last day.

    `places` are the beginnings of the codes of the places it touched, `topics` the topics; empty means all. Days
    of kind `holiday` are expected to differ from working days; of all other kinds the event is only shown.
    """

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    kind: Literal["holiday", "storm", "outage", "campaign", "other"]
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    places: list[str] = Field(default_factory=list)
    topics: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> Event:
        if self.last < self.first:
            raise ValueError(_("止日早于起日"))
        return self

    def told(self) -> dict[str, Any]:
        """As a model's parameter and a finding keep it: days in ISO form."""
        return self.model_dump(mode="json", by_alias=True)


class Events(Strict):
    """The file `events.yaml` beside `city.yaml`; `calendar` says whose public holidays the city has besides."""

    calendar: Literal["china", "none"] = "china"
    events: list[Event] = Field(default_factory=list)
