"""What a statistical model leaves among its measures to be drawn, or said in words, rather than listed.

`curve`: list of {"t": ISO day, "n", "expected", "upper" (null where not judged), "alarm"}, with `events`, a list of
{"from", "to", "zh", "en"}, and `growing`, how many of its last periods are not reported in full.
`bars`: list of {"label", "observed", "expected"}.
`contributions`: list of {"feature", "value", "share" (0 to 1), "median", "q1", "q3", "z"}, with `typical_peers`, a list
of {"id", feature: value, ...}.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

PICTURED = frozenset({"curve", "events", "bars", "contributions", "typical_peers", "fit"})

Shape = TypeVar("Shape", bound=BaseModel)


def _day(value: Any) -> Any:
    return value[:10] if isinstance(value, str) else value


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _nan(value: Any) -> Any:
    return math.nan if value is None else value


Day = Annotated[date, BeforeValidator(_day)]
Gap = Annotated[float | None, BeforeValidator(_finite)]
Count = Annotated[float, BeforeValidator(_nan)]


class Point(BaseModel):
    """One period of a series: what was counted (NaN: nothing known), what was expected, the line above which it alarms."""

    t: Day
    n: Count
    expected: Gap = None
    upper: Gap = None
    alarm: bool = False


class Event(BaseModel):
    """A declared event, from its first to its last day."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    zh: str
    en: str


class Bar(BaseModel):
    """One class of a distribution: its observed and its expected size."""

    label: str
    observed: float
    expected: float


class Contribution(BaseModel):
    """One feature of an outlier beside its peers; `share` is its part of the whole deviation, `z` robust."""

    feature: str
    value: float
    share: float
    median: float
    q1: float
    q3: float
    z: float


class TypicalPeer(BaseModel):
    """An ordinary peer: its id, unmasked, and its values by feature."""

    model_config = ConfigDict(extra="allow")

    id: str

    def value(self, feature: str) -> float | None:
        """Its value of a feature; None where it has none."""
        seen = (self.model_extra or {}).get(feature)
        return float(seen) if isinstance(seen, int | float) else None


def read(measures: Mapping[str, Any], name: str, shape: type[Shape]) -> list[Shape]:
    """The list under `name`, also where it was kept as JSON text; empty when there is none.

    Raises ContentError when it is not a list of `shape`.
    """
    value = measures.get(name)
    if value is None:
        return []
    try:
        found = json.loads(value) if isinstance(value, str) else value
        return TypeAdapter(list[shape]).validate_python(found)  # type: ignore[valid-type]  # `shape` is a value
    except ValueError as error:  # pydantic's ValidationError is one too
        raise ContentError(
            _("模型给出的 {name} 不能画图或说明", name=name), hint=_("请看依据的数据，并告知模型维护人员")
        ) from error


def is_listed(name: str, value: Any) -> bool:
    """Whether a measure is a figure for a list of figures: neither a picture's data nor a structure of its own."""
    items = value if isinstance(value, list) else [value]
    return name not in PICTURED and not any(isinstance(item, dict) for item in items)
