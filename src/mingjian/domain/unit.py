"""Units and the people in them: levels and what may stand below what, scopes, changes, absences."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.i18n import pick


class UnitLevel(StrEnum):
    """The four levels of a city's organisation."""

    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"

    @property
    def label(self) -> str:
        """The level's name in the reader's language."""
        return pick(LEVEL_NAMES[self])


LEVEL_NAMES: dict[UnitLevel, dict[str, str]] = {
    UnitLevel.CITY: {"zh": "市", "en": "City"},
    UnitLevel.DISTRICT: {"zh": "区县", "en": "District"},
    UnitLevel.TOWN: {"zh": "镇街", "en": "Town"},
    UnitLevel.VILLAGE: {"zh": "村社", "en": "Village"},
}

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


class ChangeKind(StrEnum):
    """What happened to a unit."""

    OPENED = "opened"
    MOVED = "moved"
    RENAMED = "renamed"
    MERGED = "merged"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The change's name in the reader's language."""
        return pick(CHANGE_NAMES[self])


CHANGE_NAMES: dict[ChangeKind, dict[str, str]] = {
    ChangeKind.OPENED: {"zh": "设立", "en": "opened"},
    ChangeKind.MOVED: {"zh": "划转", "en": "moved"},
    ChangeKind.RENAMED: {"zh": "更名", "en": "renamed"},
    ChangeKind.MERGED: {"zh": "并入", "en": "merged"},
    ChangeKind.CLOSED: {"zh": "撤销", "en": "closed"},
}


class AbsenceReason(StrEnum):
    """Why somebody is away. A code only: what kind of leave it is concerns nobody here."""

    LEAVE = "leave"
    TRAVEL = "travel"
    TRAINING = "training"
    SECONDED = "seconded"
    VACANT = "vacant"

    @property
    def label(self) -> str:
        """The reason in the reader's language."""
        return pick(ABSENCE_NAMES[self])


ABSENCE_NAMES: dict[AbsenceReason, dict[str, str]] = {
    AbsenceReason.LEAVE: {"zh": "请假", "en": "leave"},
    AbsenceReason.TRAVEL: {"zh": "出差", "en": "travel"},
    AbsenceReason.TRAINING: {"zh": "培训", "en": "training"},
    AbsenceReason.SECONDED: {"zh": "借调", "en": "seconded"},
    AbsenceReason.VACANT: {"zh": "空缺", "en": "vacant"},
}
