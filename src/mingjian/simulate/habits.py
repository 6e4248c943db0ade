"""How people are: the habits of units, as a table of multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mingjian.simulate.scenario import Scenario


class Habit(StrEnum):
    """What a unit is known for."""

    DILIGENT = "diligent"
    ORDINARY = "ordinary"
    SLOW = "slow"
    EVASIVE = "evasive"


@dataclass(frozen=True)
class Manner:
    """Its share among units, its delays as a multiple of the table's, and the steps it takes more or less often."""

    share: float
    pace: float
    leans: Mapping[str, float] = field(default_factory=dict)


MANNERS: dict[Habit, Manner] = {
    Habit.DILIGENT: Manner(0.35, 0.6, {"unsatisfied": 0.5, "return_report": 0.4, "propose_transfer": 0.5}),
    Habit.ORDINARY: Manner(0.45, 1.0),
    Habit.SLOW: Manner(0.15, 2.4, {"ask_extension": 3.0, "unsatisfied": 1.5}),
    Habit.EVASIVE: Manner(
        0.05,
        1.6,
        {
            "propose_transfer": 8.0,
            "object_transfer": 4.0,
            "propose_fp": 2.0,
            "unsatisfied": 3.0,
            "return_report": 3.0,
        },
    ),
}


def habit_of(scenario: Scenario, unit_id: str | None) -> Habit:
    """The habit of this unit in this scenario."""
    drawn = scenario.drawn("habit", unit_id)
    return drawn.choices(list(MANNERS), [m.share for m in MANNERS.values()])[0]
