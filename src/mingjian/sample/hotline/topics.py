"""Topics of complaints and the services behind them."""

from __future__ import annotations

import pandas as pd

# l1, l2, line in charge, working days to finish, topics
GROUPS = [
    ("公用事业", "供水", "water", 5, ["水压偏低", "水质异味", "水费争议", "水管漏水"]),
    ("公用事业", "供电", "power", 5, ["频繁跳闸", "电费争议", "路灯不亮", "充电桩故障"]),
    ("公用事业", "燃气", "gas", 5, ["燃气报修", "燃气表故障", "通气办理", "燃气安检"]),
    ("公用事业", "供热", "heat", 7, ["室温不达标", "供热收费", "供热管网漏水"]),
    ("住房物业", "物业管理", "housing", 10, ["物业收费", "电梯故障", "高空坠物", "小区停车", "消防通道占用"]),
    ("住房物业", "房屋交易", "housing", 15, ["网签办理", "房屋质量", "维修资金"]),
    ("城市管理", "市容环境", "urban", 5, ["占道经营", "噪声扰民", "垃圾清运", "油烟扰民", "井盖破损"]),
    ("交通出行", "道路交通", "transport", 7, ["公交线路", "信号灯故障", "道路破损", "停车收费"]),
    ("民生保障", "社会救助", "civil_affairs", 10, ["低保申请", "高龄津贴办理", "养老服务", "残疾人补贴"]),
    ("市场监管", "消费维权", "market", 15, ["食品安全", "价格欺诈", "假冒伪劣", "网购退货"]),
    ("教育医疗", "教育", "education", 10, ["入学咨询", "校园餐饮", "课后服务"]),
    ("教育医疗", "医疗", "health", 10, ["就医流程", "医疗收费"]),
]
# Topics with hardly any background: what is planted there is all there is.
COMMON = [
    ("供电", "电动车充电加价"),
    ("物业管理", "公共电费分摊"),
    ("消费维权", "快递进村收费"),
    ("消费维权", "预付卡闭店"),
    ("教育", "校外培训退费"),
    ("市容环境", "共享单车乱停"),
]
QUIET = [("道路交通", "网约车拒载"), ("医疗", "互联网医院退费"), ("社会救助", "救助站服务")]
SEASONAL = ("供热", "供热缴费咨询")
SURGE = [
    ("供水", "突发停水"),
    ("供电", "突发停电"),
    ("燃气", "燃气中断"),
    ("供热", "暖气骤停"),
    ("市容环境", "焚烧异味"),
]
MASS = [
    ("房屋交易", "逾期交房"),
    ("房屋交易", "学位承诺未兑现"),
    ("物业管理", "物业更换纠纷"),
    ("物业管理", "电费代收争议"),
    ("教育", "培训机构停业"),
    ("消费维权", "健身房闭店"),
]
CROWDED = [("教育", "校服采购"), ("消费维权", "储值卡退费"), ("物业管理", "门禁改造"), ("医疗", "体检报告")]
FEES = ("消费维权", "自立收费")
PREPAY = ("燃气", "燃气预存费")


def build_topics() -> pd.DataFrame:
    """One row a service: code, l1, l2, l3, line, accept_wd, finish_wd, seasonal, common (has background)."""
    rows = [(l1, l2, l3, line, finish, True) for l1, l2, line, finish, names in GROUPS for l3 in names]
    group = {l2: (l1, line, finish) for l1, l2, line, finish, _ in GROUPS}
    for l2, l3 in [*COMMON, *QUIET, SEASONAL, *SURGE, PREPAY, *MASS, *CROWDED, FEES]:
        l1, line, finish = group[l2]
        rows.append((l1, l2, l3, line, finish, False))
    frame = pd.DataFrame(rows, columns=["l1", "l2", "l3", "line", "finish_wd", "common"])
    frame["accept_wd"] = 2
    frame["seasonal"] = frame["l3"] == SEASONAL[1]
    frame["code"] = [f"SX{i + 101}" for i in range(len(frame))]
    return frame
