"""The subsidy ledger that planting works on: benefit spans, single payment rows, deaths, moves, accounts, cadres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.context import LAST_MONTH, City, Dates, Numbers, Texts
from mingjian.sample.subsidy import payouts
from mingjian.sample.subsidy.benefits import spans
from mingjian.sample.subsidy.facts import Facts
from mingjian.sample.subsidy.programmes import NUMBER, standard

BANKS = ["工行", "农行", "建行", "邮储", "农信"]
ACCOUNT_COLUMNS = ["person", "company", "kind", "opened", "bank"]


@dataclass
class Ledger:
    """`spans` is the truth so far; accounts at positions >= number of people are in `accounts`, in order."""

    city: City
    people: pd.DataFrame
    spans: pd.DataFrame
    deaths: list[tuple[int, np.datetime64, int]] = field(default_factory=list)
    rows: list[pd.DataFrame] = field(default_factory=list)
    accounts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ACCOUNT_COLUMNS))
    cadres: list[int] = field(default_factory=list)
    moves: list[tuple[int, Any]] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        blank = {"alt": -1, "alt_from": payouts.KEEP, "alt_to": payouts.KEEP, "quantity": np.nan}
        self.spans = self.spans.assign(**blank)

    def steady(self, *codes: str) -> Numbers:
        """People whose only benefit is one of these programmes, all year, to their own account, with no part yet."""
        found = self.spans
        alone = ~found["person"].duplicated(keep=False)
        whole = (found["first"] == 0) & (found["last"] == LAST_MONTH) & (found["account"] == found["person"])
        wanted = found["programme"].isin([NUMBER[c] for c in codes])
        lent = set(found.loc[found["account"] != found["person"], "account"])
        who = found.loc[alone & whole & wanted & ~found["person"].isin(lent), "person"].to_numpy()
        return who[~self.city.taken[who]]

    def idle(self, low: int, high: int) -> Numbers:
        """People of an age without any benefit or part."""
        free = ~self.city.taken
        free[self.spans["person"].to_numpy()] = False
        return np.flatnonzero(free & self.people["age"].between(low, high).to_numpy())

    def span_of(self, who: Numbers) -> pd.DataFrame:
        """The single spans of steady people, in the order asked for."""
        return self.spans.set_index("person").loc[who].reset_index()

    def grant(
        self,
        person: Numbers,
        programme: str,
        tier: str | Texts,
        first: int | Numbers = 0,
        last: int | Numbers = LAST_MONTH,
        district: Numbers | None = None,
        account: Numbers | None = None,
    ) -> None:
        """Add spans, by default in the people's own district and to their own accounts."""
        where = self.people["district"].to_numpy()[person] if district is None else district
        into = person if account is None else account
        new = spans(person, programme, tier, where, into, first, last)
        new = new.assign(alt=-1, alt_from=payouts.KEEP, alt_to=payouts.KEEP, quantity=np.nan)
        self.spans = pd.concat([self.spans, new], ignore_index=True)

    def cut(self, who: Numbers, last: Numbers | int) -> None:
        """End the spans of these people at a month position."""
        mine = self.spans["person"].isin(who)
        ends = dict(zip(who, np.broadcast_to(last, len(who)), strict=True))
        self.spans.loc[mine, "last"] = self.spans.loc[mine, "person"].map(ends).astype(int)

    def pay_into(self, who: Numbers, account: int | Numbers) -> None:
        """All benefits of these people go to another account, all year."""
        into = pd.Series(account, index=who)
        mine = self.spans["person"].isin(who)
        self.spans.loc[mine, "account"] = self.spans.loc[mine, "person"].map(into).astype(int)

    def open_accounts(
        self, holder: Numbers, kind: str, opened: Dates, bank: str | None = None, company: str = ""
    ) -> Numbers:
        """New accounts of these holders (−1 for a company's account); returns their positions."""
        first = len(self.people) + len(self.accounts)
        bank_of = [bank or BANKS[i % len(BANKS)] for i in range(len(holder))]
        values = {"person": holder, "company": company, "kind": kind, "opened": opened, "bank": bank_of}
        frame = pd.DataFrame(values)
        self.accounts = frame if self.accounts.empty else pd.concat([self.accounts, frame], ignore_index=True)
        return np.arange(first, first + len(holder))

    def pay(self, who: Numbers, month: int | Numbers, **changes: Any) -> None:
        """Add single payment rows for steady people: their span's programme, tier and standard, unless changed."""
        base = self.span_of(who).drop(columns=["first", "last", "alt", "alt_from", "alt_to"])
        base = base.assign(month=month, quantity=1.0, status="成功", reason="")
        base["amount"] = standard(
            base["programme"].to_numpy(),
            base["tier"].to_numpy(),
            base["district"].to_numpy(),
            base["month"].to_numpy(),
        )
        base["pay_date"] = payouts.pay_date(self.city, base)
        self.rows.append(base.assign(**changes))

    def record_death(self, who: Numbers, when: Dates, sources: int | Numbers) -> None:
        """Register deaths of planted people, known to one or two offices."""
        many, dates = np.broadcast_to(sources, len(who)), np.broadcast_to(when, len(who))
        self.deaths += list(zip(who.tolist(), dates, many.tolist(), strict=True))

    def day_in(self, month: Numbers | int, day: Numbers | int = 9) -> Dates:
        """A day of the month at a position (positions before the window count backwards)."""
        start = np.datetime64(self.city.months[0], "M") + np.asarray(month)
        return start.astype("datetime64[D]") + np.asarray(day).astype("timedelta64[D]")
