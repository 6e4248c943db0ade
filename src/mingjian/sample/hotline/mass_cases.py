"""Many people on one subject within days: a building project, a company, a place, and their look-alikes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.context import Dates, Texts
from mingjian.sample.hotline.complaint_cases import Planter
from mingjian.sample.hotline.complaints import moment, rows
from mingjian.sample.hotline.topics import CROWDED, MASS
from mingjian.sample.realty.projects import build_projects

MODEL = "utility.mass_complaint"
DAYS = 6
OPEN = 7  # working days to finish: not while it still comes in, nor near the limit
# (kind of subject, people, days over which they come, level)
CASES = [
    ("project", 108, DAYS, "高"),
    ("project", 60, DAYS, "中"),
    ("company", 102, 2, "高"),
    ("company", 70, DAYS, "中"),
    ("company", 26, DAYS, "高"),
    ("company", 25, DAYS, "低"),
    ("project", 22, DAYS, "低"),
    ("project", 28, DAYS, "低"),
    ("place", 55, DAYS, "中"),
    ("place", 104, DAYS, "高"),
    ("place", 24, DAYS, "低"),
    ("place", 27, DAYS, "低"),
]
BURST, GATHERS = 2, 4
PLEAS = ["请尽快给说法", "多次沟通没有结果", "希望主管部门牵头解决", "我们几户情况一样", "要求公开方案"]
GATHERING = "大家已商量明天到门口拉横幅，请重视。"


def plant_mass(p: Planter, companies: Texts) -> pd.DataFrame:
    """All planted rows and look-alikes; `companies` are ones that nobody else complains about."""
    built = build_projects(p.city, p.geo)
    clean = built.loc[built["part"] == "clean", "project_id"].to_numpy()
    return pd.concat(
        [*_cases(p, clean, companies), *_lookalikes(p, companies[len(CASES) :])], ignore_index=True
    )


def _cases(p: Planter, projects: Texts, companies: Texts) -> Iterator[pd.DataFrame]:
    """The hotline merges what belongs together; one burst is not merged yet and is a surge as well."""
    for i, (kind, people, days, level) in enumerate(CASES):
        name, district = MASS[i % len(MASS)], i % DISTRICTS
        named = {"project": projects[i], "company": companies[i], "place": f"DZ{i:06d}"}[kind]
        subject = {"company": "subject"}.get(kind, kind)
        text = [f"{name[1]}：{PLEAS[k % len(PLEAS)]}，第{k + 1}户。" for k in range(people)]
        if i == GATHERS:
            text[-1] = GATHERING
        group = "" if i == BURST else f"TQ{i:06d}"
        more = {"group": group, "quick": OPEN, "text": text, subject: named}
        yield rows(_at(p, people, days), p.topic(name), p.place(district, people), p.someone(people), **more)
        matter = f"{kind}|{named}" + (f"|{name[0]}" if kind == "place" else "")
        p.city.plant(MODEL, "complaint_subject", matter, f"{level}: {people} 人集中反映")
        if i == BURST:
            series = f"{p.geo.district_codes[district]}|{name[0]}"
            p.city.plant("utility.surge_district", "series", series, f"高: 两日内 {people} 件，同属一家单位")


def _lookalikes(p: Planter, companies: Texts) -> Iterator[pd.DataFrame]:
    """Three of each: few people with many equal letters; questions; too few people; as many every week."""
    sent, asked, few, steady = (p.topic(name) for name in CROWDED)
    for i in range(3):
        mine, district = companies[i::3], 3 + i % 2
        same = {"subject": mine[0], "group": f"TQS{i:05d}", "quick": OPEN, "text": "请严肃处理储值卡不退费。"}
        yield rows(_at(p, 32, DAYS), sent, p.place(district, 1)[0], np.repeat(p.someone(4), 8), **same)
        some = {"subject": mine[1], "group": f"TQA{i:05d}", "quick": OPEN}
        yield rows(_at(p, 24, DAYS), asked, p.place(district, 24), p.someone(24), "咨询", **some)
        under = {"subject": mine[2], "group": f"TQF{i:05d}", "quick": OPEN}
        yield rows(_at(p, 15, DAYS), few, p.place(district, 15), p.someone(15), **under)
        for week in range(5):
            usual = {"subject": mine[3], "group": f"TQW{i:02d}{week:03d}", "quick": OPEN}
            yield rows(_at(p, 22, 7, 7 * week), steady, p.place(district, 22), p.someone(22), **usual)


def _at(p: Planter, count: int, days: int, since: int = 0) -> Dates:
    """Moments spread evenly over the `days` that end `since` days before the day of the run."""
    ago = since + np.arange(count) % days
    return moment(p.rng, p.city.today - ago.astype("timedelta64[D]"))
