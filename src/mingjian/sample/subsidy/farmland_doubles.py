"""Parcels that two people claim in one year, and parcels that two may claim."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.people import ADULT
from mingjian.sample.context import Numbers
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.farmland_parcel_double"
OVER = "subsidy.farmland_over_contract"
SHARE = 1 / 1500
LOOKALIKES = 4
BRANCHES = [
    "高: 他人全部重复申报",
    "中: 他人部分重复申报",
    "低: 同户家人重复申报",
    "高: 他人重复申报且超出本人面积",
]


class Doubles:
    """Second claims on parcels: (parcel, user, claimed, years back), and whose payment was taken back."""

    def __init__(self, ledger: Ledger, parcels: pd.DataFrame, free: Numbers) -> None:
        self.ledger, self.parcels = ledger, parcels
        self.rng = ledger.city.rng("farmland doubles")
        self.rows: list[tuple[int, int, float, int]] = []
        self.recalled: list[int] = []
        moved = parcels["transferee"] >= 0
        busy = np.r_[parcels.loc[moved, "person"], parcels.loc[moved, "transferee"]]
        plain = parcels[parcels["person"].isin(np.setdiff1d(free, busy)) & parcels["area"].between(3, 12)]
        self.first = plain.drop_duplicates("person").reset_index().set_index("person")["index"]

    def owners(self, count: int, most: float = 12.0) -> Numbers:
        """Cast farmers with a parcel of up to `most` mu, who claim exactly that."""
        small = self.first[self.parcels["area"].to_numpy()[self.first.to_numpy()] <= most]
        who = self.ledger.city.draw(self.rng, small.index.to_numpy(), count)
        mine = self.parcels["user"].isin(who)
        self.parcels.loc[mine, "claimed"] = self.parcels.loc[mine, "area"]
        return who

    def claim(self, owner: int, user: int, part: float, back: int = 0) -> float:
        """`user` claims a part of the owner's parcel; returns the area."""
        parcel = int(self.first[owner])
        area = round(float(self.parcels["area"][parcel]) * part, 2)
        self.rows.append((parcel, user, area, back))
        return area

    def spare(self, user: int, area: float) -> None:
        """The user claims so much less of his own land, so that his whole area stays within his contract."""
        parcel = int(self.first[user])
        self.parcels.loc[parcel, "claimed"] = round(float(self.parcels["claimed"][parcel]) - area, 2)

    def share_out(self, owner: int, part: float) -> None:
        """The owner claims only a part of the parcel."""
        parcel = int(self.first[owner])
        self.parcels.loc[parcel, "claimed"] = round(float(self.parcels["area"][parcel]) * part, 2)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=["parcel", "user", "claimed", "back"])


def plant_doubles(ledger: Ledger, parcels: pd.DataFrame, free: Numbers) -> Doubles:
    """Cast the cases and look-alikes among farmers without a part and without transferred land."""
    doubles = Doubles(ledger, parcels, free)
    married = _spouses(ledger)
    for i in range(ledger.city.cases_for(SHARE)):
        branch = BRANCHES[i % len(BRANCHES)]
        if branch.startswith("低"):
            owner, user = _couple(doubles, married)
            doubles.claim(owner, user, 1.0)
        else:
            owner, user = int(doubles.owners(1, 5.0)[0]), int(_large(doubles))
            area = doubles.claim(owner, user, 0.3 if branch.startswith("中") else 1.0)
            if branch.endswith("面积"):
                _over(ledger, parcels, user, area)
            else:
                doubles.spare(user, area)
        ledger.city.plant(MODEL, "parcel", parcel_ids(np.array([doubles.first[owner]])), branch)
    _lookalikes(doubles)
    return doubles


def parcel_ids(numbers: Numbers) -> list[str]:
    """Parcel numbers as the land office writes them."""
    return [f"DK{int(number):08d}" for number in numbers]


def _large(doubles: Doubles) -> int:
    """A farmer whose first parcel has more than six mu."""
    area = doubles.parcels["area"].to_numpy()[doubles.first.to_numpy()]
    who = doubles.ledger.city.draw(doubles.rng, doubles.first[area > 6].index.to_numpy(), 1)
    mine = doubles.parcels["user"].isin(who)
    doubles.parcels.loc[mine, "claimed"] = doubles.parcels.loc[mine, "area"]
    return int(who[0])


def _spouses(ledger: Ledger) -> pd.Series:
    """The grown-up spouse without a part or benefit, by head of household."""
    people, free = ledger.people, ~ledger.city.taken
    free[ledger.spans["person"].to_numpy()] = False
    who = np.flatnonzero(
        (people["relation"] == "spouse").to_numpy() & (people["age"] > ADULT).to_numpy() & free
    )
    return pd.Series(who, index=who - 1)


def _couple(doubles: Doubles, married: pd.Series) -> tuple[int, int]:
    """A farmer and the spouse who holds no parcel."""
    both = np.intersect1d(doubles.first.index.to_numpy(), married.index.to_numpy())
    owner = doubles.ledger.city.draw(doubles.rng, both, 1)
    mine = doubles.parcels["user"].isin(owner)
    doubles.parcels.loc[mine, "claimed"] = doubles.parcels.loc[mine, "area"]
    user = int(married[int(owner[0])])
    doubles.ledger.city.taken[user] = True
    return int(owner[0]), user


def _over(ledger: Ledger, parcels: pd.DataFrame, user: int, area: float) -> None:
    """Who claims all of his own and another's parcel is over his contract too, when it is over the tolerance."""
    own = float(parcels.loc[parcels["person"] == user, "area"].sum())
    if area >= 1 and area > own * 0.05:
        name = ledger.people["id_no"].to_numpy()[user]
        ledger.city.plant(OVER, "person", [name], "重复申报他人地块，申报面积大于确权面积")


def _lookalikes(doubles: Doubles) -> None:
    """Halves of divided households; a strip within tolerance; a claim taken back; another's claim of last year."""
    city, rng = doubles.ledger.city, doubles.rng
    landless = np.setdiff1d(doubles.ledger.idle(25, 60), doubles.parcels[["person", "user"]].to_numpy())
    outsiders = city.draw(rng, landless, 2 * LOOKALIKES)
    for owner, user in zip(doubles.owners(LOOKALIKES), outsiders[:LOOKALIKES].tolist(), strict=True):
        doubles.share_out(owner, 0.5)
        doubles.claim(owner, user, 0.5)
    for owner in doubles.owners(LOOKALIKES, 6.0):
        user = _large(doubles)
        doubles.spare(user, doubles.claim(owner, user, 0.04))
    for owner in doubles.owners(LOOKALIKES, 6.0):
        user = _large(doubles)
        doubles.claim(owner, user, 1.0)
        doubles.recalled.append(user)
    for owner, user in zip(doubles.owners(LOOKALIKES), outsiders[LOOKALIKES:].tolist(), strict=True):
        doubles.claim(owner, user, 1.0, back=1)
