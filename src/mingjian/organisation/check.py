"""Checks of single cells, column by column: filled, readable, of a known value, each id once."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mingjian.domain.roles import Role
from mingjian.domain.unit import DataScope, UnitLevel
from mingjian.organisation.headers import Roll
from mingjian.organisation.read import CELLS, ROW, UNREADABLE, Sheet
from mingjian.organisation.rejects import RejectReason, Rejects

MAX_LENGTH = {"name": 200, "name_en": 200, "charge": 100}
ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
_CODE = {"region_code": r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", "line_code": r"[a-z][a-z0-9_]{0,63}"}
_DAY = r"\d{4}-\d{2}-\d{2}"
_PERSONAL_NUMBER = r"1[3-9]\d{9}|\d{17}[\dXx]"
_CONTROL = r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
UNIT_TYPES = frozenset(
    {"gov_dept", "gov_office", "utility", "town", "village", "hotline", "supervisor", "school", "hospital"}
)
_LEVELS = {
    **{level.value: level for level in UnitLevel},
    **{level.zh: level for level in UnitLevel},
    **dict.fromkeys(("市级", "地市"), UnitLevel.CITY),
    **dict.fromkeys(("区", "县", "区县级", "县级", "旗县", "旗县区"), UnitLevel.DISTRICT),
    **dict.fromkeys(("镇", "乡", "街道", "乡镇", "乡镇街道", "乡镇级", "苏木乡镇"), UnitLevel.TOWN),
    **dict.fromkeys(("村", "社区", "嘎查", "嘎查村", "村级"), UnitLevel.VILLAGE),
}
_ROLES = {
    **{role.value: role for role in Role if role is not Role.SYSTEM},
    **{role.zh: role for role in Role if role is not Role.SYSTEM},
}
_SCOPES = {
    **{scope.value: scope for scope in DataScope},
    "本单位": DataScope.OWN_ORG,
    "本区域": DataScope.OWN_REGION,
    "本地区": DataScope.OWN_REGION,
    "本条线": DataScope.LINE,
    "条线": DataScope.LINE,
    "全市": DataScope.CITY,
}
_YES = {**dict.fromkeys(("", "1", "是", "true", "yes", "y", "启用", "在岗"), "1")}
_NO = {**dict.fromkeys(("0", "否", "false", "no", "n", "停用", "离岗"), "0")}
_VALUES: dict[str, Mapping[str, str]] = {
    "level": _LEVELS,
    "role": _ROLES,
    "data_scope": _SCOPES,
    "unit_type": {**{t: t for t in UNIT_TYPES}, "": "gov_dept"},
    "active": {**_YES, **_NO},
}
_IDS = ("id", "parent_id", "unit_id", "charge_leader_user_id")
_FILLED = {Roll.UNITS: ("id", "name", "level"), Roll.USERS: ("id", "name", "role", "data_scope")}


def check_cells(sheet: Sheet, roll: Roll, rejects: Rejects) -> pd.DataFrame:
    """The frame with its values as codes; what is wrong with a cell goes to `rejects`. Rows are not removed."""
    frame = sheet.frame.copy()
    rejects.mark(frame, frame[CELLS], "", RejectReason.EXTRA_CELLS)
    for column in sheet.columns:
        _characters(frame, column, rejects)
    for column in _FILLED[roll]:
        rejects.mark(frame, frame[column] == "", column, RejectReason.EMPTY)
    for column in sheet.columns:
        if column in _IDS:
            _matches(frame, column, ID, RejectReason.CHARSET, rejects)
        elif column in _CODE:
            _matches(frame, column, _CODE[column], RejectReason.UNKNOWN_VALUE, rejects)
        elif column in _VALUES:
            _translate(frame, column, rejects)
        elif column == "opened_on":
            _days(frame, column, rejects)
    if roll is Roll.USERS:
        personal = frame["id"].str.fullmatch(_PERSONAL_NUMBER)
        rejects.mark(frame, personal, "id", RejectReason.PERSONAL_NUMBER)
    _once(frame, list(sheet.columns), rejects)
    return frame


def kept(frame: pd.DataFrame, rejects: Rejects) -> pd.DataFrame:
    """The rows that nothing is wrong with so far."""
    return frame[~frame[ROW].isin(rejects.rows)]


def _characters(frame: pd.DataFrame, column: str, rejects: Rejects) -> None:
    cells = frame[column]
    unreadable = cells.str.contains(UNREADABLE, regex=False)
    rejects.mark(frame, unreadable, column, RejectReason.UNREADABLE)
    rejects.mark(frame, cells.str.contains(_CONTROL) & ~unreadable, column, RejectReason.CONTROL)
    if column in MAX_LENGTH:
        rejects.mark(frame, cells.str.len() > MAX_LENGTH[column], column, RejectReason.TOO_LONG)


def _matches(frame: pd.DataFrame, column: str, form: str, reason: RejectReason, rejects: Rejects) -> None:
    cells = frame[column]
    rejects.mark(frame, (cells != "") & ~cells.str.fullmatch(form), column, reason)


def _translate(frame: pd.DataFrame, column: str, rejects: Rejects) -> None:
    """Words and codes to codes; case does not count. Required columns that are empty are told already."""
    words = _VALUES[column]
    plain = {word.lower(): str(code) for word, code in words.items()}
    asked = frame[column].str.lower()
    found = asked.map({word: plain[word] for word in set(asked) & set(plain)})
    wrong = found.isna() & ((asked != "") | ("" in plain))
    rejects.mark(frame, wrong, column, RejectReason.UNKNOWN_VALUE)
    frame[column] = found.fillna("").astype("str")


def _days(frame: pd.DataFrame, column: str, rejects: Rejects) -> None:
    plain = frame[column].str.replace(r"[/.年月]", "-", regex=True).str.rstrip("日")
    day = pd.to_datetime(plain.where(plain != ""), errors="coerce", format="%Y-%m-%d")
    rejects.mark(frame, (plain != "") & day.isna(), column, RejectReason.NOT_A_DAY)
    frame[column] = day.dt.strftime("%Y-%m-%d").fillna("").astype("str")


def _once(frame: pd.DataFrame, columns: list[str], rejects: Rejects) -> None:
    """An id stands once. Rows that say the same are one row; rows that differ are all refused."""
    several = frame.duplicated("id", keep=False) & (frame["id"] != "")
    if not several.any():
        return
    same = frame.duplicated(columns, keep="first") & several
    differ = frame.loc[several & ~same, "id"]
    differing = set(differ[differ.duplicated()])
    rejects.mark(frame, same & ~frame["id"].isin(differing), "id", RejectReason.REPEATED)
    rejects.mark(frame, several & frame["id"].isin(differing), "id", RejectReason.DUPLICATE)
