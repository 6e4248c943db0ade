"""The property register: units and their owners, with the families that hold more than assistance allows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.geography import Geography
from mingjian.sample.city.people import heads
from mingjian.sample.context import City, Numbers, days
from mingjian.sample.subsidy.assistance_cases import Aided, household_id
from mingjian.sample.subsidy.ledger import Ledger

HOME, SHOP, OFFICE, PARKING, HOMESTEAD = "住宅", "商铺", "办公", "车位", "宅基地"
DWELLINGS = {"中:两套住房": 2, "高:三套住房": 3}
HONEST = ["一套", "宅基地", "继承", "面积小", "征收", "已转移", "车位"]


@dataclass
class Register:
    """Units (village, use, area) and owners (unit, person, share, since, until) as they are entered."""

    city: City
    rng: np.random.Generator
    village: np.ndarray
    units: list[tuple[int, str, float]] = field(default_factory=list)
    owners: list[tuple[int, int, float, np.datetime64, np.datetime64]] = field(default_factory=list)
    given_up: list[tuple[int, int, np.datetime64]] = field(default_factory=list)

    def enter(self, use: str, area: float, *owners: tuple[int, float], sold: bool = False) -> int:
        """One unit with its owners and their shares; returns its number."""
        number = len(self.units)
        since = self.city.today - np.timedelta64(int(self.rng.integers(400, 5000)), "D")
        until = self.city.today - np.timedelta64(int(self.rng.integers(1, 300)), "D")
        self.units.append((int(self.village[owners[0][0]]), use, area))
        for person, share in owners:
            self.owners.append((number, person, share, since, until if sold else np.datetime64("NaT", "D")))
        return number

    def relocate(self, number: int, person: int) -> None:
        """The agreement by which a house is given up for relocation."""
        self.given_up.append(
            (number, person, self.city.today - np.timedelta64(int(self.rng.integers(90, 700)), "D"))
        )


def property_tables(geo: Geography, ledger: Ledger, aided: Aided, active: Numbers) -> dict[str, pd.DataFrame]:
    """不动产单元, 不动产权利人, 征收协议."""
    city = ledger.city
    book = Register(city, city.rng("property"), ledger.people["village"].to_numpy())
    _planted(book, ledger, aided)
    _honest(book, ledger, np.setdiff1d(active, sorted(aided.cast())))
    barred = np.r_[active, np.array(sorted(aided.cast()), dtype=int)]
    units, owners = _background(book, ledger, barred)
    return _export(geo, ledger, book, units, owners)


def _planted(book: Register, ledger: Ledger, aided: Aided) -> None:
    for head, branch in aided.property.items():
        if branch in DWELLINGS:
            for _flat in range(DWELLINGS[branch]):
                book.enter(HOME, 92.0, (head, 100.0))
        elif branch == "中:夫妻各半的两套住房":
            for _flat in range(2):
                book.enter(HOME, 95.0, (head, 50.0), (head + 1, 50.0))
        else:
            book.enter(HOME, 88.0, (head, 100.0))
        if branch == "低:另有继承共有住房":
            book.enter(HOME, 110.0, (head, 50.0))
        if branch == "高:商铺":
            book.enter(SHOP, 36.0, (head, 100.0))
        if branch == "高:办公用房":
            book.enter(OFFICE, 60.0, (head + 1, 60.0))
    for head in aided.stopped + aided.coming:
        book.enter(HOME, 90.0, (head, 100.0))
        book.enter(SHOP, 40.0, (head, 100.0))
    for _head, person in aided.former:
        book.enter(SHOP, 45.0, (person, 100.0))


def _honest(book: Register, ledger: Ledger, plain: Numbers) -> None:
    """Assisted families: one dwelling; old family houses; a third by inheritance; two tiny flats; relocated; sold."""
    size = np.bincount(heads(ledger.people), minlength=len(ledger.people))
    each = max(3, round(len(plain) * 0.05))
    for kind, who in zip(HONEST, np.split(book.rng.permutation(plain)[: 7 * each], 7), strict=True):
        for head in who.tolist():
            small = 6.5 * size[head]
            first = book.enter(HOME, small if kind == "面积小" else 68.0, (head, 100.0))
            if kind == "宅基地":
                book.enter(HOMESTEAD, 140.0, (head, 100.0))
            elif kind == "继承":
                book.enter(HOME, 105.0, (head, 33.33))
            elif kind == "车位":
                book.enter(PARKING, 12.5, (head, 100.0))
            elif kind != "一套":
                book.enter(HOME, small if kind == "面积小" else 84.0, (head, 100.0), sold=kind == "已转移")
            if kind == "征收":
                book.relocate(first, head)


def _background(book: Register, ledger: Ledger, barred: Numbers) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Other households: three in five own a dwelling, some a second one, a few a shop; the country has homesteads."""
    rng, people = book.rng, ledger.people
    head = np.setdiff1d(np.flatnonzero((people["relation"] == "head").to_numpy()), barred)
    roll = rng.random((4, len(head)))
    rural = people["rural"].to_numpy()[head]
    parts = [(HOME, roll[0] < 0.6), (HOME, roll[1] < 0.08), (SHOP, roll[2] < 0.02)]
    parts.append((HOMESTEAD, rural & (roll[3] < 0.7)))
    person = np.concatenate([head[mask] for _use, mask in parts])
    use = np.concatenate([np.full(int(mask.sum()), name, dtype=object) for name, mask in parts])
    area = np.clip(rng.normal(92, 24, len(person)), 24, 260).round(1)
    first = len(book.units)
    units = pd.DataFrame({"village": book.village[person], "use": use, "area": area})
    owners = pd.DataFrame({"unit": first + np.arange(len(person)), "person": person, "share": 100.0})
    owners["since"] = book.city.today - days(rng, 30, 6000, len(person))
    return units, owners.assign(until=np.datetime64("NaT", "D"))


def _export(
    geo: Geography, ledger: Ledger, book: Register, units: pd.DataFrame, owners: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    rng, id_no = ledger.city.rng("property mess"), ledger.people["id_no"].to_numpy()
    units = pd.concat(
        [pd.DataFrame(book.units, columns=["village", "use", "area"]), units], ignore_index=True
    )
    held = pd.DataFrame(book.owners, columns=["unit", "person", "share", "since", "until"])
    owners = pd.concat([held, owners], ignore_index=True)
    number = "BDC" + pd.Series(np.arange(len(units))).astype(str).str.zfill(8)
    village = geo.villages["code"].to_numpy()[units["village"].to_numpy()]
    unit = pd.DataFrame({"不动产单元号": number, "区划": village, "用途": units["use"]})
    unit["建筑面积(㎡)"] = mess.messy_numbers(rng, units["area"].to_numpy())
    owner = pd.DataFrame({"权利编号": "QL" + pd.Series(np.arange(len(owners))).astype(str).str.zfill(8)})
    owner["不动产单元号"] = number.to_numpy()[owners["unit"].to_numpy()]
    owner["权利人证件号"] = mess.messy_ids(rng, id_no[owners["person"].to_numpy()])
    owner["份额(%)"] = owners["share"]
    owner["登记日期"] = mess.messy_dates(rng, owners["since"].to_numpy())
    owner["注销日期"] = mess.messy_dates(rng, owners["until"].to_numpy())
    signed = pd.DataFrame({"协议编号": [f"ZSXY{i:05d}" for i in range(len(book.given_up))]})
    signed["不动产单元号"] = [number[unit_no] for unit_no, _person, _day in book.given_up]
    signed["户号"] = [household_id(ledger, person) for _unit, person, _day in book.given_up]
    signed["被征收人证件号"] = [id_no[person] for _unit, person, _day in book.given_up]
    signed["签约日期"] = np.array([day for _unit, _person, day in book.given_up], dtype="datetime64[s]")
    return {"不动产单元": unit, "不动产权利人": owner, "征收协议": signed.assign(协议类别="房屋征收")}
