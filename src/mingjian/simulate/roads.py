"""Roads for a soak that must see every step: what the people around one matter wish to do when they can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mingjian.domain.level import Level
from mingjian.simulate.scenario import Scenario

ASK_TWICE = ("ask_extension", "grant_extension") * 2


class Arrival(StrEnum):
    """How a matter comes in, where that decides what may be done with it."""

    TWIN = "twin"  # the duplicate of an earlier one
    BARE = "bare"  # without evidence, so that a person has to look at it first
    OVER_BUDGET = "over_budget"  # when the unit has had enough for this week


@dataclass(frozen=True)
class Road:
    """Steps that are taken in this order where the table of turns has them; the level that the matter then has, how
    it comes in, and what the public says of it (whatever is drawn, when empty)."""

    wishes: tuple[str, ...] = ()
    level: Level | None = None
    arrival: Arrival | None = None
    public: str = ""


ROADS: tuple[Road, ...] = (
    Road(("propose_transfer", "object_transfer", "rule_transfer")),
    Road(("propose_transfer", "object_transfer", "return_transfer")),
    Road(("propose_transfer", "take_transfer") * 2 + ("propose_transfer",)),  # the third brings the leader
    Road((*ASK_TWICE, "ask_extension"), Level.LOW),  # the third is the letter of the second tier
    Road(("ask_extension", "refuse_extension")),
    Road(("propose_fp", "approve_fp", "uphold_fp"), Level.HIGH),
    Road(("propose_fp", "approve_fp", "overturn_fp", "verify_again"), Level.HIGH),
    Road(("propose_fp", "reject_fp")),
    Road(("report_data_error", "close_data")),
    Road(("report_policy_gap", "close_policy")),
    Road(("recheck", "recheck_pass"), Level.HIGH),
    Road(("recheck", "archive"), Level.LOW),
    Road(("recheck", "recheck_partial"), Level.LOW),
    Road(("recheck", "recheck_false", "verify_again"), Level.LOW),
    Road(("reopen",)),
    Road(("suspend", "resume")),
    Road(("refer",)),
    Road(("take_over", "leader_sign", "hold_meeting", "leader_step", "hand_back")),
    Road(("raise_tier", "lower_tier")),
    Road(("return_report",)),
    Road(("return_rectify",)),
    Road(("exempt",), public="unsatisfied"),
    Road(("accept_and_propose", "add_co_handler", "co_report")),
    Road(("propose_co_handler", "release_co_handler")),
    Road(("triage", "assign"), arrival=Arrival.BARE),
    Road(("admit",), arrival=Arrival.OVER_BUDGET),
    Road(("merge",), arrival=Arrival.TWIN),
    Road(),
)


def road_of(scenario: Scenario, warning_id: str) -> Road:
    """The road of this matter; one without wishes unless the scenario is to see every step."""
    if not scenario.every_step:
        return ROADS[-1]
    return ROADS[int(warning_id[1:]) % len(ROADS)]
