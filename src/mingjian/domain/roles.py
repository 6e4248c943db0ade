"""Who may act: the roles of catalogue §4.1."""

from __future__ import annotations

from mingjian.domain.named import Named

SYSTEM_ACTOR = "system"  # who is named in the history when no person acted


class Role(Named):
    """A user's role. LEADER reads boards and bulletins; SYSTEM marks steps that no person took."""

    R1 = "R1", "承办人", "Handler"
    R2 = "R2", "单位负责人", "Unit lead"
    R3 = "R3", "分办员", "Dispatcher"
    R4 = "R4", "一级监督员", "Level-1 supervisor"
    R5 = "R5", "二级监督员", "Level-2 supervisor"
    R6 = "R6", "三级监督员", "Level-3 supervisor"
    R7 = "R7", "领办领导", "Lead official"
    R8 = "R8", "司号员", "Signaller"
    R9 = "R9", "模型管理员", "Model steward"
    R10 = "R10", "数据管理员", "Data steward"
    R11 = "R11", "安全审计员", "Auditor"
    R12 = "R12", "群众/企业", "Citizen or enterprise"
    R13 = "R13", "第三方回访员", "Visitor"
    LEADER = "LEADER", "领导", "Leader"
    SYSTEM = "SYSTEM", "系统", "System"
