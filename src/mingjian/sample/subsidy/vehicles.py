"""The vehicle register: what people drive, what assistance families own honestly, and what they are asked about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE
from mingjian.sample.city.people import heads
from mingjian.sample.context import City, Numbers, days
from mingjian.sample.subsidy.assistance_cases import Aided
from mingjian.sample.subsidy.ledger import Ledger

CAR, TRUCK, BIKE, SCOOTER, TRACTOR = "小型轿车", "货车", "摩托车", "残疾人代步车", "拖拉机"
OWNERSHIP = 0.12
KINDS = {CAR: 0.66, TRUCK: 0.06, BIKE: 0.14, SCOOTER: 0.02, TRACTOR: 0.12}
PRICES = {CAR: 82_000, TRUCK: 60_000, BIKE: 5_500, SCOOTER: 9_500, TRACTOR: 32_000}
PLANTED = {
    "高:两辆车": [(CAR, 38_000, 0), (TRUCK, 26_000, 0)],
    "中:一辆轿车": [(CAR, 56_000, 0)],
    "低:一辆旧车": [(CAR, 14_500, 0)],
    "高:高价车": [(CAR, 168_000, 0)],
    "中:一辆货车": [(TRUCK, 45_000, 0)],
    "高:夫妻各一辆": [(CAR, 31_000, 0), (CAR, 22_000, 1)],
}
HONEST = [
    (BIKE, 12_800),
    (SCOOTER, 13_500),
    (TRACTOR, 36_000),
    (TRUCK, 8_200),
    ("刚登记", 76_000),
    ("已转移", 64_000),
]


def vehicle_table(ledger: Ledger, aided: Aided, active: Numbers) -> pd.DataFrame:
    """机动车: `active` are the heads of families now assisted, who own only what does not count unless cast."""
    city, rng = ledger.city, ledger.city.rng("vehicles")
    found = pd.concat(
        [
            _background(city, rng, ledger, aided, active),
            _honest(city, rng, np.setdiff1d(active, sorted(aided.cast()))),
            _planted(city, rng, aided),
            _unassisted(city, rng, aided),
            _of_companies(city, rng),
        ],
        ignore_index=True,
    )
    return _export(city, ledger, found)


def _rows(city: City, rng: np.random.Generator, owner: Numbers, kind: object, price: object) -> pd.DataFrame:
    since = city.today - days(rng, 200, 3900, len(owner))
    frame = pd.DataFrame({"owner": owner, "kind": kind, "price": price, "since": since})
    return frame.assign(until=np.datetime64("NaT", "D"), company="")


def _background(
    city: City, rng: np.random.Generator, ledger: Ledger, aided: Aided, active: Numbers
) -> pd.DataFrame:
    people = ledger.people
    barred = np.isin(heads(people), np.r_[active, np.array(sorted(aided.cast()), dtype=int)])
    barred[[person for _head, person in aided.former]] = True
    adult = people["age"].between(20, 70).to_numpy() & ~barred
    owner = np.flatnonzero(adult & (rng.random(len(people)) < OWNERSHIP))
    kind = rng.choice(list(KINDS), len(owner), p=list(KINDS.values()))
    typical = pd.Series(kind).map(PRICES).to_numpy()
    frame = _rows(city, rng, owner, kind, (typical * rng.lognormal(0, 0.5, len(owner))).round(-2))
    gone = rng.random(len(owner)) < 0.1
    frame.loc[gone, "until"] = city.today - days(rng, 1, 190, int(gone.sum()))
    return frame


def _honest(city: City, rng: np.random.Generator, plain: Numbers) -> pd.DataFrame:
    """Assisted families: motorcycles, scooters, tractors, old trucks, a car of last week, a car sold in time."""
    each = max(3, round(len(plain) * 0.03))
    frames = []
    for (kind, price), who in zip(HONEST, np.split(rng.permutation(plain)[: 6 * each], 6), strict=True):
        frame = _rows(city, rng, who, kind if kind in PRICES else CAR, price)
        if kind == "刚登记":
            frame["since"] = city.today - days(rng, 1, 12, len(who))
        if kind == "已转移":
            frame["until"] = city.today - days(rng, 1, 150, len(who))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _planted(city: City, rng: np.random.Generator, aided: Aided) -> pd.DataFrame:
    rows = [
        (head + who, kind, price)
        for head, branch in aided.vehicle.items()
        for kind, price, who in PLANTED[branch]
    ]
    owner, kind, price = (list(column) for column in zip(*rows, strict=True))
    return _rows(city, rng, np.array(owner), kind, price)


def _unassisted(city: City, rng: np.random.Generator, aided: Aided) -> pd.DataFrame:
    """Good cars where no allowance is paid now: stopped, not yet begun, or a grown-up who has left the family."""
    owner = np.array(aided.stopped + aided.coming + [person for _head, person in aided.former])
    return _rows(city, rng, owner, CAR, 91_000)


def _of_companies(city: City, rng: np.random.Generator) -> pd.DataFrame:
    frame = _rows(city, rng, np.full(20, -1), TRUCK, 74_000)
    return frame.assign(company=[ids.uscc(CITY_CODE + 1, 5000 + n) for n in range(20)])


def _export(city: City, ledger: Ledger, found: pd.DataFrame) -> pd.DataFrame:
    rng, owner = city.rng("vehicle mess"), found["owner"].to_numpy()
    id_no = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[owner])
    frame = pd.DataFrame({"车辆编号": "CL" + pd.Series(np.arange(len(found))).astype(str).str.zfill(8)})
    frame["车主证件号"] = np.where(owner >= 0, id_no, "")
    frame = frame.assign(车主单位=found["company"], 车辆类型=found["kind"])
    frame["参考价(元)"] = mess.messy_numbers(rng, found["price"].to_numpy().astype(float))
    frame["登记日期"] = mess.messy_dates(rng, found["since"].to_numpy())
    frame["转移注销日期"] = mess.messy_dates(rng, found["until"].to_numpy())
    return frame
