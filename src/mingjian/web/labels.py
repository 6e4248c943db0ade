"""Words for the codes of the store: Chinese here, English in `locale/en/web.po`."""

from __future__ import annotations

from mingjian.content.labels import unit_shown
from mingjian.domain.i18n import _
from mingjian.domain.level import Level

LEVEL = {"高": "高", "中": "中", "低": "低"}
STATUS = {
    "recorded": "仅记录",
    "waiting": "限额排队",
    "new": "待初核",
    "triaged": "待分办",
    "dispatched": "待签收",
    "signed": "已签收",
    "accepted": "已受理",
    "verifying": "核查中",
    "confirmed": "已查实",
    "rectifying": "整改中",
    "reported": "已报结果",
    "evaluating": "评价中",
    "closed": "已办结",
    "recheck": "回头看",
    "archived": "已归档",
    "fp_proposed": "拟按误报结案",
    "closed_fp": "误报结案",
    "data_error": "数据待更正",
    "closed_data": "更正结案",
    "policy_gap": "政策待完善",
    "closed_policy": "政策完善结案",
    "closed_merged": "并入他件",
    "transfer_pending": "转办待接",
    "leader_takeover": "领导领办",
    "suspended": "已中止",
    "referred": "已移送",
    "reopened": "已重启",
}
ACTION = {
    "silence": "转为静默",
    "wake": "恢复提示",
    "wait": "转入限额排队",
    "admit": "结束排队",
    "snooze": "设定暂缓",
    "end_snooze": "结束暂缓",
    "triage": "初核通过",
    "dispatch": "分办",
    "assign": "拟定承办单位",
    "merge": "并入他件",
    "absorb": "并入重复件",
    "sign": "签收",
    "accept": "受理",
    "start_verifying": "开始核查",
    "draft_finding": "提交核查意见",
    "confirm": "审定查实",
    "propose_fp": "提出误报",
    "report_data_error": "报数据错误",
    "report_policy_gap": "报政策问题",
    "plan": "确定整改方案",
    "draft_report": "提交整改报告",
    "report": "审定并上报",
    "accept_report": "接收报告",
    "return_report": "退回补充",
    "visit_back": "记录回访",
    "close": "办结",
    "return_rectify": "退回整改",
    "recheck": "安排回头看",
    "recheck_pass": "合格，待下次回头看",
    "archive": "合格，归档",
    "recheck_partial": "整改不到位，退回整改",
    "recheck_false": "不实，重启",
    "uphold_fp": "误报复核成立",
    "overturn_fp": "误报不成立，重启",
    "reopen": "重启",
    "verify_again": "重新核查",
    "approve_fp": "同意误报结案",
    "reject_fp": "不同意误报",
    "close_data": "数据更正结案",
    "close_policy": "政策完善结案",
    "propose_transfer": "提出转办",
    "take_transfer": "接收转办",
    "return_transfer": "退回转办",
    "object_transfer": "对转办提出异议",
    "rule_transfer": "裁定转办",
    "third_transfer": "第三次转办，启动领办",
    "ask_extension": "申请延期",
    "grant_extension": "批准延期",
    "refuse_extension": "不批准延期",
    "third_extension": "第三次申请延期，升级督办",
    "raise_tier": "提升督办层级",
    "lower_tier": "降低督办层级",
    "leader_sign": "领导签收",
    "hold_meeting": "召开现场会",
    "leader_step": "记录领办进展",
    "take_over": "领导领办",
    "hand_back": "交回办理",
    "suspend": "中止",
    "resume": "恢复",
    "refer": "移送",
    "issue": "发出督办单",
    "light": "亮灯变化",
    "remind": "提醒督办",
    "urge": "催办",
    "attach": "上传附件",
    "photo_reused": "照片疑似重复使用",
    "raise": "提升督办层级",
    "stamp": "设定期限",
    "recompute": "按新日历重算期限",
    "hand_over": "移交承接单位",
}
REASON = {  # what a step's reason says when it is a word of ours; any other is somebody's own words
    "automatic": "自动",
    "not_signed": "逾期未签收",
    "not_accepted": "逾期未受理",
    "overdue_3wd": "超期满 3 个工作日",
    "reminder_unanswered": "提醒督办后仍未受理",
    "overdue_5wd": "超期满 5 个工作日",
    "letter_unanswered": "发督办函后仍未受理",
    "overdue_10wd": "超期满 10 个工作日",
    "returned": "多次退回",
    "objections_upheld": "转办异议多次成立",
    "overdue": "严重超期",
    "no_answer": "逾期未答复，视为接收",
    "unit_merged": "单位合并",
    "calendar_published": "节假日安排已公布",
    "satisfied": "群众满意",
    "unsatisfied": "群众不满意",
    "not_satisfied": "群众不满意",
    "not_reached": "未联系上",
    "explained": "已解释说明",
    "exempt": "同意剔除考核",
}
SUBJECT = {
    "person": "人员",
    "household": "家庭",
    "account": "账户",
    "company": "企业",
    "project": "项目",
    "building": "楼栋",
    "unit": "房源",
    "housing_unit": "房源",
    "org": "单位",
    "org_unit": "单位",
    "village": "村社",
    "address": "地址",
    "region": "地区",
    "series": "诉求序列",
    "topic": "诉求主题",
    "complaint": "诉求",
    "complaint_group": "同一诉求",
    "escrow": "监管账户",
    "escrow_payee": "监管账户与收款方",
    "approver": "审批人",
    "cluster": "聚集区域",
    "permit": "预售许可",
    "legacy_case": "遗留问题",
    "utility_account": "公用事业户号",
    "voucher": "凭证",
    "parcel": "地块",
    "eligibility": "待遇资格",
    "batch": "发放批次",
    "tender": "招标项目",
    "grid": "网格",
    "outage": "停供事件",
    "water_zone": "供水片区",
    "complaint_subject": "集中诉求",
    "company_fee": "收费名目",
    "feed": "数据来源",
    "place": "地点",
    "order": "督办单",
    "model": "模型",
    "table": "数据表",
}
KEY = {  # words of the data that stand as keys in a subject of several
    "company": "企业",
    "project": "项目",
    "place": "地点",
    "power": "供电",
    "water": "供水",
    "gas": "供气",
    "heat": "供热",
}
PERIOD = {  # periods that are matters rather than days
    "civil_defence_acceptance": "人防验收",
    "civil_defence_design": "人防设计",
    "presale_money": "预售资金",
}
PART = {
    "base": "基础分",
    "severity": "严重程度",
    "certainty": "确定程度",
    "repetition": "重复出现",
    "context": "关联情况",
    "adjust": "模型调整",
}
BASIS = {
    "confirmed": "主管部门已确认",
    "V": "见于公开文件",
    "K": "已知，待确认",
    "A": "待主管部门填写",
}
UNIT = {
    "元": "元",
    "万元": "万元",
    "日": "日",
    "天": "天",
    "自然日": "自然日",
    "工作日": "工作日",
    "月": "月",
    "年": "年",
    "岁": "岁",
    "小时": "小时",
    "次": "次",
    "个": "个",
    "件": "件",
    "户": "户",
    "人": "人",
    "套": "套",
    "层": "层",
    "亩": "亩",
    "倍": "倍",
    "分": "分",
}
VERDICT = {"ok": "正常", "partial": "部分可用", "blocked": "已拦截", "missing": "没有数据"}
OUTCOME = {
    "done": "已运行",
    "no_feed": "缺数据，未运行",
    "blocked": "数据被拦截，未运行",
    "failed": "运行失败",
}
CONSEQUENCE = {"block": "拦截整表", "quarantine": "隔离该行", "note": "仅提示"}
STAGE = {"pull": "抽取", "gate": "门禁"}
PULL = {"appended": "已追加", "unchanged": "无变化", "empty_increment": "无新增"}


def label(words: dict[str, str], code: str | None) -> str:
    """The word for a code in the reader's language; a code without a word stands for itself."""
    if code is None:
        return ""
    return _(words[code]) if code in words else code


def unit_label(unit: str) -> str:
    """A unit of measurement in the reader's language; measure words (笔, 家) are left out of English."""
    return _(UNIT[unit]) if unit in UNIT else unit_shown(unit)


def level_label(level: Level | str) -> str:
    """高， 中， 低 or their English names."""
    return _(LEVEL[str(level)])
