"""Who may act: the roles of catalogue §4.1."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.i18n import pick

SYSTEM_ACTOR = "system"  # who is named in the history when no person acted


class Role(StrEnum):
    """A user's role. LEADER reads boards and bulletins; SYSTEM marks steps that no person took."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"
    R7 = "R7"
    R8 = "R8"
    R9 = "R9"
    R10 = "R10"
    R11 = "R11"
    R12 = "R12"
    R13 = "R13"
    LEADER = "LEADER"
    SYSTEM = "SYSTEM"

    @property
    def label(self) -> str:
        """The role's name in the reader's language."""
        return pick(ROLE_NAMES[self])


ROLE_NAMES: dict[Role, dict[str, str]] = {
    Role.R1: {"zh": "承办人", "en": "Handler"},
    Role.R2: {"zh": "单位负责人", "en": "Unit lead"},
    Role.R3: {"zh": "分办员", "en": "Dispatcher"},
    Role.R4: {"zh": "一级监督员", "en": "Level-1 supervisor"},
    Role.R5: {"zh": "二级监督员", "en": "Level-2 supervisor"},
    Role.R6: {"zh": "三级监督员", "en": "Level-3 supervisor"},
    Role.R7: {"zh": "领办领导", "en": "Lead official"},
    Role.R8: {"zh": "司号员", "en": "Signaller"},
    Role.R9: {"zh": "模型管理员", "en": "Model steward"},
    Role.R10: {"zh": "数据管理员", "en": "Data steward"},
    Role.R11: {"zh": "安全审计员", "en": "Auditor"},
    Role.R12: {"zh": "群众/企业", "en": "Citizen or enterprise"},
    Role.R13: {"zh": "第三方回访员", "en": "Visitor"},
    Role.LEADER: {"zh": "领导", "en": "Leader"},
    Role.SYSTEM: {"zh": "系统", "en": "System"},
}
