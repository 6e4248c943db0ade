"""Escrow accounts: buyers' money in, construction money out after each node, never below what must stay."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.context import City
from mingjian.sample.realty.projects import NODES, reached
from mingjian.sample.realty.underdeposit import as_banked

RETAIN = {"foundation": 85, "half": 65, "topped_out": 45, "facade": 25, "completed": 8, "handover": 0}
QUOTA_SHARE = 0.22
DRAW_AFTER = 40
SPARE = 100_000
BUILDER = 5000
BANKS = ["工行", "建行", "农行", "中行"]
SHORT = {
    "escrow_high": (0.25, 0.4, "高"),
    "escrow_medium": (0.08, 0.15, "中"),
    "escrow_low": (0.02, 0.04, "低"),
}
USES = ["工程款", "材料款", "税费"]
COLUMNS = ["number", "day", "amount", "kind", "payee", "node", "sale"]


@dataclass(frozen=True)
class Escrow:
    """`accounts`: escrow_id, project_id, permit, quota, opened, bank. `flows`: txn_id, escrow, at, way, amount, kind …"""

    accounts: pd.DataFrame
    flows: pd.DataFrame


@dataclass
class _Book:
    """One account in the making: deposits as arrays (day, yuan), what is paid out or topped up as rows."""

    number: int
    quota: float
    day: np.ndarray
    amount: np.ndarray
    rows: list[tuple] = field(default_factory=list)

    def balance(self, until: np.datetime64) -> float:
        """Yuan at the end of a day."""
        moved = sum(row[2] for row in self.rows if row[1] <= until)
        return float(self.amount[self.day <= until].sum() + moved)

    def add(self, day: np.datetime64, amount: float, kind: str, payee: str = "", node: str = "") -> None:
        """A movement that is no deposit of a buyer; negative when money leaves."""
        self.rows.append((self.number, day, round(amount, 2), kind, payee, node, ""))

    def stop_at(self, day: np.datetime64) -> None:
        """Nothing is paid out from this day on; buyers go on paying in."""
        self.rows = [row for row in self.rows if row[1] < day]


def build_escrow(
    city: City, projects: pd.DataFrame, permits: pd.DataFrame, units: pd.DataFrame, sales: pd.DataFrame
) -> Escrow:
    """One account a project with a presale permit, tied to the permit of its first building."""
    rng = city.rng("escrow")
    presale = (
        permits[(permits["kind"] == "presale") & (permits["part"] != "no_account")]
        .sort_values("building")
        .drop_duplicates("project")
    )
    held = projects.reset_index(names="number").merge(
        presale[["project", "permit_id", "issue"]], left_on="project_id", right_on="project"
    )
    held["escrow_id"] = [f"JG{i:05d}" for i in range(len(held))]
    value = units.groupby("project")["list"].sum()
    held["quota"] = (value.loc[held["number"]].to_numpy() * QUOTA_SHARE).round(-4)
    deposits = _deposits(city, rng, units, sales)
    deposits = deposits[deposits["number"].isin(held["number"])]
    books = [_book(city, rng, row, deposits) for _, row in held.iterrows()]
    moved = pd.DataFrame([row for b in books for row in b.rows], columns=COLUMNS)
    flows = pd.concat([deposits, moved], ignore_index=True)
    accounts = held[["escrow_id", "project_id", "quota", "number"]].assign(permit=held["permit_id"])
    accounts["opened"] = _opened(held, permits)
    accounts["bank"] = [BANKS[i % len(BANKS)] for i in range(len(accounts))]
    accounts["account"] = ids.account_numbers(50_000_000, len(accounts))
    flows["escrow"] = flows["number"].map(accounts.set_index("number")["escrow_id"])
    return Escrow(accounts, _number(rng, flows))


def _opened(held: pd.DataFrame, permits: pd.DataFrame) -> pd.Series:
    """Accounts are opened before the first presale permit; only the part of a late account opens it after the last."""
    issued = permits[permits["kind"] == "presale"].groupby("project")["issue"]
    first = held["project_id"].map(issued.min()).dt.normalize() - np.timedelta64(20, "D")
    late = held["project_id"].map(issued.max()).dt.normalize() + np.timedelta64(4, "D")
    return late.where(held["part"] == "presale_account", first)


def _deposits(city: City, rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Down payments within five days, loans after three to eight weeks; cancelled contracts paid nothing in."""
    sales = sales[sales["cancel"].isna()]
    n = len(sales)
    frame = pd.DataFrame({"number": units["project"].to_numpy()[sales["unit"]], "sale": sales["sale_id"]})
    sign = sales["sign"].to_numpy().astype("datetime64[D]")
    price, loan = sales["price"].to_numpy(), sales["loan"].to_numpy()
    down = frame.assign(
        day=sign + rng.integers(0, 5, n).astype("timedelta64[D]"), amount=price - loan, kind="首付款"
    )
    lent = frame.assign(
        day=sign + rng.integers(20, 56, n).astype("timedelta64[D]"), amount=loan, kind="按揭款"
    )
    both = pd.concat([down, lent], ignore_index=True).assign(payee="", node="")
    both = as_banked(both, sales.set_index("sale_id")["banked"])
    return both[(both["day"] <= pd.Timestamp(city.today)) & (both["amount"] > 0)][COLUMNS]


def _book(city: City, rng: np.random.Generator, project: pd.Series, deposits: pd.DataFrame) -> _Book:
    mine = deposits[deposits["number"] == project["number"]]
    day = mine["day"].to_numpy().astype("datetime64[D]")
    book = _Book(int(project["number"]), float(project["quota"]), day, mine["amount"].to_numpy())
    payee = ids.uscc(int(str(project["project_id"])[2:8]), BUILDER + int(project["price"]) % 40)
    _draw(city, rng, project, book, payee)
    if project["part"] in SHORT or project["part"] == "escrow_exact":
        _last_payment(city, rng, project, book, payee)
    elif project["part"] == "defence_pending":
        _court_deduction(city, rng, book)
    return book


def _draw(city: City, rng: np.random.Generator, project: pd.Series, book: _Book, payee: str) -> None:
    """After each node, draw in three to six payments what exceeds 110 % of the sum that must stay."""
    start = np.datetime64(project["start"], "D")
    done = int(reached(np.array([project["age"]]), np.array([project["part"]]))[0])
    for node, retain in RETAIN.items():
        passed = NODES[node] + DRAW_AFTER
        if passed > done:
            return
        first = start + np.timedelta64(passed, "D")
        spare = book.balance(first) - book.quota * retain / 100 * 1.1
        if spare < SPARE:
            continue
        pieces = rng.dirichlet(np.full(rng.integers(3, 7), 4.0)) * spare * 0.95
        when = first + np.sort(rng.integers(0, 20, len(pieces))).astype("timedelta64[D]")
        for day, piece in zip(when, pieces, strict=True):
            if day <= city.today:
                book.add(day, -piece, str(rng.choice(USES)), payee, node)


def _last_payment(city: City, rng: np.random.Generator, project: pd.Series, book: _Book, payee: str) -> None:
    """A payment after the node `half` that leaves too little, or exactly enough (escrow_exact)."""
    must_stay = book.quota * RETAIN["half"] / 100
    day = city.today - rng.integers(6, 26)
    book.stop_at(day)
    lacking = must_stay * 1.15 - book.balance(day)
    if lacking > 0:
        book.add(day - np.timedelta64(3, "D"), lacking, "其他")
    low, high, name = SHORT.get(project["part"], (0.0, 0.0, ""))
    leave = must_stay - book.quota * rng.uniform(low, high)
    book.add(day, leave - book.balance(day), "工程款", payee, "half")
    if name:
        note = f"{name}: 支出后余额低于应留存"
        city.plant("realty.escrow_below_quota", "escrow", project["escrow_id"], note)


def _court_deduction(city: City, rng: np.random.Generator, book: _Book) -> None:
    """Look-alike: a court takes money (no company is paid), and the balance falls below what must stay."""
    day = city.today - rng.integers(6, 26)
    book.stop_at(day)
    must_stay = book.quota * RETAIN["topped_out"] / 100
    taken = book.balance(day) - 0.7 * must_stay
    if taken > 0:
        book.add(day, -taken, "其他")


def _number(rng: np.random.Generator, flows: pd.DataFrame) -> pd.DataFrame:
    """Bank hours: money comes in before noon and leaves after it, so a day's order never hides a shortfall."""
    comes = (flows["amount"] >= 0).to_numpy()
    hour = np.where(comes, rng.integers(9, 12, len(flows)), rng.integers(13, 17, len(flows)))
    seconds = (hour * 3600 + rng.integers(0, 3600, len(flows))).astype("timedelta64[s]")
    flows["way"], flows["amount"] = np.where(comes, "收入", "支出"), flows["amount"].abs()
    flows["at"] = pd.to_datetime(flows.pop("day")).to_numpy().astype("datetime64[s]") + seconds
    flows = flows.sort_values(["escrow", "at", "sale", "kind"], kind="stable").reset_index(drop=True)
    flows["txn_id"] = "LS" + pd.Series(np.arange(len(flows)) + 10_000_000).astype(str)
    return flows
