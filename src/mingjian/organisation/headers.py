"""Which headers of a register of units or of users mean which of our columns; both languages, in any order.

docs/organisation.md lists them for the people who prepare the files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Roll(StrEnum):
    """The two registers that are imported."""

    UNITS = "units"
    USERS = "users"


@dataclass(frozen=True)
class Layout:
    """A register's columns: accepted headers of each, those that must be there, and names of its Excel sheet."""

    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    sheets: tuple[str, ...]

    def column_of(self, header: str) -> str | None:
        """Our column for a header, or None."""
        plain = plain_header(header)
        return next((c for c, names in self.columns.items() if plain == c or plain in names), None)


LAYOUTS: dict[Roll, Layout] = {
    Roll.UNITS: Layout(
        columns={
            "id": ("单位编码", "机构编码", "单位编号", "编码", "unit_id", "org_id"),
            "parent_id": (
                "上级单位编码",
                "上级机构编码",
                "上级单位",
                "上级机构",
                "上级编码",
                "parent",
                "parent_org_id",
            ),
            "name": ("单位名称", "机构名称", "名称", "unit_name"),
            "name_en": ("英文名称", "英文名", "english_name"),
            "level": ("层级", "级别"),
            "unit_type": ("单位类型", "机构类型", "类型", "type", "org_type"),
            "region_code": ("区划代码", "行政区划代码", "所属区划", "region"),
            "line_code": ("业务条线", "条线", "line"),
            "charge_leader_user_id": ("分管领导账号", "分管领导", "charge_leader"),
            "opened_on": ("设立日期", "成立日期", "生效日", "valid_from"),
        },
        required=("id", "parent_id", "name", "level"),
        sheets=("单位", "机构", "组织机构", "units", "org_unit"),
    ),
    Roll.USERS: Layout(
        columns={
            "id": ("账号", "用户编码", "用户账号", "工号", "user_id", "account"),
            "name": ("姓名", "用户姓名", "user_name"),
            "unit_id": ("单位编码", "所属单位编码", "所属单位", "所属机构", "机构编码", "unit", "org_id"),
            "role": ("角色", "角色代码", "role_code"),
            "data_scope": ("数据范围", "查看范围", "scope"),
            "charge": ("分管", "分管工作", "分管领域"),
            "active": ("是否启用", "启用", "在岗", "enabled"),
        },
        required=("id", "name", "unit_id", "role", "data_scope"),
        sheets=("用户", "人员", "账号", "users", "app_user"),
    ),
}
# Seen often, never stored: who we reach by which number is kept by the messages, identity numbers by nobody.
_PERSONAL = re.compile(
    r"电话|手机|座机|邮箱|身份证|证件号|住址|出生|phone|mobile|tel\b|e-?mail|id_?no|identity|address|birth|password|密码|口令"
)


def plain_header(text: str) -> str:
    """A header without blanks, star marks and what stands in brackets, in small letters."""
    return re.sub(r"[（(\[【].*?[)）\]】]|[\s*＊]", "", text).lower()


def recognised(layout: Layout, cells: Sequence[str]) -> int:
    """How many of these cells are headers of the layout."""
    return sum(layout.column_of(cell) is not None for cell in cells)


def is_personal(header: str) -> bool:
    """Whether a header names something that is deliberately not stored here."""
    return bool(_PERSONAL.search(plain_header(header)))
