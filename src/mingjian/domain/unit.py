"""Units and the people in them: levels and what may stand below what, scopes, changes, absences."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.named import Named


class UnitLevel(Named):
    """The four levels of a city's organisation."""

    CITY = "city", "市", "City"
    DISTRICT = "district", "区县", "District"
    TOWN = "town", "镇街", "Town"
    VILLAGE = "village", "村社", "Village"


# A unit stands below one of its own level (a bureau below its government) or of the next higher one.
PARENT_LEVELS: dict[UnitLevel, frozenset[UnitLevel]] = {
    UnitLevel.CITY: frozenset({UnitLevel.CITY}),
    UnitLevel.DISTRICT: frozenset({UnitLevel.DISTRICT, UnitLevel.CITY}),
    UnitLevel.TOWN: frozenset({UnitLevel.TOWN, UnitLevel.DISTRICT}),
    UnitLevel.VILLAGE: frozenset({UnitLevel.VILLAGE, UnitLevel.TOWN}),
}
# Only these may have nothing above them.
TOP_LEVELS = frozenset({UnitLevel.CITY})
MAX_DEPTH = 16


class DataScope(StrEnum):
    """Whose matters a user may see, within what the role may see at all."""

    OWN_ORG = "own_org"
    OWN_REGION = "own_region"
    LINE = "line"
    CITY = "city"


class ChangeKind(Named):
    """What happened to a unit."""

    OPENED = "opened", "设立", "opened"
    MOVED = "moved", "划转", "moved"
    RENAMED = "renamed", "更名", "renamed"
    MERGED = "merged", "并入", "merged"
    CLOSED = "closed", "撤销", "closed"


class AbsenceReason(Named):
    """Why somebody is away. A code only: what kind of leave it is concerns nobody here."""

    LEAVE = "leave", "请假", "leave"
    TRAVEL = "travel", "出差", "travel"
    TRAINING = "training", "培训", "training"
    SECONDED = "seconded", "借调", "seconded"
    VACANT = "vacant", "空缺", "vacant"
