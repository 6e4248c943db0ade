"""Applications for benefits with survey, public notice and approval, and the register of kin around them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.city.people import heads
from mingjian.sample.context import City, Flags, Texts, days
from mingjian.sample.network.kin_cases import Kin, Link
from mingjian.sample.network.offices import SURVEYORS
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER, PROGRAMMES

UNANSWERED = 0.02
SIBLINGS = 0.04
BY_HUKOU = {"spouse": "配偶", "child": "子女", "parent": "父母"}


def build_applications(ledger: Ledger, kin: Kin, grants: pd.DataFrame, employees: Texts) -> pd.DataFrame:
    """One row for each grant, and those refused or ended: person, programme, district, days, handlers, answer.

    `grants` has person, programme, district and begin; `employees` are identity numbers in public service: whoever
    lives with one of them says so on the form.
    """
    rng = ledger.city.rng("applications")
    columns = ["person", "programme", "district", "begin"]
    found = pd.concat([grants[columns].assign(status="批准"), _others(ledger, kin)], ignore_index=True)
    found["approve"] = _days(found["begin"]) - days(rng, 3, 25, len(found))
    found["notice_end"] = _days(found["approve"]) - days(rng, 1, 5, len(found))
    found["notice"] = _days(found["notice_end"]) - np.timedelta64(7, "D")
    found["survey"] = _days(found["notice"]) - days(rng, 1, 6, len(found))
    found["accept"] = _days(found["survey"]) - days(rng, 1, 9, len(found))
    found["apply"] = _days(found["accept"]) - days(rng, 0, 3, len(found))
    district = found["district"].to_numpy(dtype=int)
    found["approver"] = kin.offices.approver[district]
    surveyor = kin.offices.surveyors[district, rng.integers(0, SURVEYORS, len(found))]
    related = {link.two: link.one for link in kin.links if link.two in kin.answers}
    for row, who in enumerate(found["person"].tolist()):
        if related.get(who) in kin.offices.surveyors[district[row]]:
            surveyor[row] = related[who]
    found["surveyor"] = surveyor
    found["answer"] = _answers(ledger, rng, found, kin, employees)
    found["application_id"] = "SQ" + pd.Series(np.arange(len(found)) + 100_000).astype(str)
    return found


def _others(ledger: Ledger, kin: Kin) -> pd.DataFrame:
    """Applications without a grant now: refused, or approved years ago and ended since."""
    city = ledger.city
    who = np.r_[kin.refused, kin.ended].astype(int)
    ago = np.r_[np.full(len(kin.refused), 60), np.full(len(kin.ended), 1100)].astype("timedelta64[D]")
    rural = ledger.people["rural"].to_numpy()[who]
    frame = pd.DataFrame({"person": who, "programme": np.where(rural, NUMBER["NCDB"], NUMBER["CSDB"])})
    frame["district"] = ledger.people["district"].to_numpy()[who]
    frame["begin"] = (city.today - ago).astype("datetime64[s]")
    return frame.assign(status=["不予批准"] * len(kin.refused) + ["批准"] * len(kin.ended))


def _answers(
    ledger: Ledger, rng: np.random.Generator, found: pd.DataFrame, kin: Kin, employees: Texts
) -> Texts:
    """是, 否 or nothing on the question about kin among those who handle it."""
    household = ledger.people["household"].to_numpy()
    of_employee = household[np.isin(ledger.people["id_no"].to_numpy(), employees)]
    home = household[found["person"].to_numpy()]
    roll = rng.random(len(found))
    answer = np.where(roll < UNANSWERED, "", np.where(roll < 2 * UNANSWERED, "是", "否")).astype(object)
    answer[np.isin(home, of_employee) | np.isin(home, list(kin.families))] = "是"
    for row, who in enumerate(found["person"]):
        if who in kin.answers:
            answer[row] = "是" if kin.answers[who] else "否"
    return answer


def application_table(geo: Geography, ledger: Ledger, found: pd.DataFrame) -> pd.DataFrame:
    """The applications as the assistance system exports them."""
    rng, id_no = ledger.city.rng("application mess"), ledger.people["id_no"].to_numpy()
    who = found["person"].to_numpy()
    codes = np.array([p.code for p in PROGRAMMES], dtype=object)
    frame = pd.DataFrame(
        {"申请编号": found["application_id"], "项目编码": codes[found["programme"].to_numpy()]}
    )
    frame["申请人身份证号"] = mess.messy_ids(rng, id_no[who])
    frame["家庭编号"] = "H" + pd.Series(ledger.people["household"].to_numpy()[who]).astype(str).str.zfill(7)
    district = geo.district_texts()[found["district"].to_numpy(dtype=int)]
    frame["受理机构"] = [line_org(d, "civil_affairs") for d in district]
    for name, column in (
        ("申请日期", "apply"),
        ("受理日期", "accept"),
        ("入户调查日期", "survey"),
        ("公示起", "notice"),
        ("公示止", "notice_end"),
        ("审批日期", "approve"),
    ):
        frame[name] = mess.messy_dates(rng, _days(found[column]))
    frame["调查人身份证号"] = id_no[found["surveyor"].to_numpy(dtype=int)]
    frame["审批人身份证号"] = id_no[found["approver"].to_numpy(dtype=int)]
    frame["近亲属备案"] = found["answer"].to_numpy()
    return frame.assign(状态=found["status"].to_numpy())


def kinship_table(ledger: Ledger, kin: Kin, applicants: pd.Series, employees: Texts) -> pd.DataFrame:
    """The register of kin: families of applicants and of public employees, declared kin, and doubtful links."""
    people, city = ledger.people, ledger.city
    rng, household = city.rng("kinship"), people["household"].to_numpy()
    served = np.isin(people["id_no"].to_numpy(), employees)
    inside = np.isin(household, np.r_[household[applicants.to_numpy()], household[served]])
    member = np.flatnonzero(inside & people["relation"].isin(list(BY_HUKOU)).to_numpy())
    links = [
        Link(int(head), int(who), BY_HUKOU[people["relation"][who]], "户籍", 1.0)
        for head, who in zip(heads(people)[member], member, strict=True)
    ]
    links += _siblings(rng, np.flatnonzero(inside & ~served & ~_played(city)), household)
    frame = pd.DataFrame([*links, *kin.links], columns=list(Link._fields))
    frame = frame.drop_duplicates(["one", "two"])
    id_no = people["id_no"].to_numpy()
    table = pd.DataFrame(
        {"甲身份证号": id_no[frame["one"].to_numpy()], "乙身份证号": id_no[frame["two"].to_numpy()]}
    )
    return table.assign(
        关系=frame["relation"].to_numpy(),
        来源=frame["source"].to_numpy(),
        置信度=frame["confidence"].to_numpy(),
    )


def _played(city: City) -> Flags:
    return city.taken


def _siblings(rng: np.random.Generator, who: np.ndarray, household: np.ndarray) -> list[Link]:
    """Brothers and sisters in different households, as sure as the match of their parents' names."""
    one = rng.choice(who, max(10, round(len(who) * SIBLINGS)), replace=False)
    two = rng.choice(who, len(one))
    sure = np.round(rng.uniform(0.5, 1.0, len(one)), 2)
    return [
        Link(int(a), int(b), "兄弟姐妹", "申报", float(c))
        for a, b, c in zip(one, two, sure, strict=True)
        if household[a] != household[b]
    ]


def _days(column: pd.Series) -> np.ndarray:
    return column.to_numpy().astype("datetime64[D]")
