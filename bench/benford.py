"""First digits and bunching: how often chance alone alarms, how much is found, and what real records show.

Amounts are drawn from known laws, so the alarm rate under each is known. The Senate's records are looked at
as they are: which senators and kinds of expense deviate from Benford's law, and whether amounts repeat.

    python bench/benford.py [--data FOLDER] [--seed 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import quality
from rich.console import Console
from rich.table import Table

from mingjian.detect.amounts import benford, bunching, last_two_digits, repeated_amounts

DATA = Path(__file__).parents[2] / "shared" / "data"
SIZES = (100, 500, 2_000, 10_000)
AMOUNTS = 4_000_000
LIMIT = 5_000_000.0
ALPHAS = (0.05, 0.01, 0.001)
SLACK = 1.5  # a simulated rate may stand this far above its level (and two standard errors) before it counts as broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    broken: list[str] = []
    tables = [
        digits_by_chance(rng, broken),
        digits_found(rng),
        bunching_by_chance(rng, broken),
        bunching_found(rng),
        senate(args.data / "payouts_br_senate_2020.parquet"),
    ]
    notes = [
        "Nigrini's 0.015 alone alarms often below some thousand amounts; a warning therefore also asks that the chance "
        "of so large a MAD under Benford's law (mad_p) be at most 0.001.",
        "Amounts of the bunching null are drawn from the named law; half of them are rounded to 10,000, 100,000, 500,000 or "
        "1,000,000. The test is conservative by design: its bound on overdispersion is never below 1.",
        "The Senate's reimbursements are what people spent, not proof of anything: fixed rents, subscriptions and caps "
        "move first digits. The table says how the test behaves on such records, not who did wrong.",
    ]
    quality.write(
        "benford", "First digits and bunching below a limit", "python bench/benford.py", tables, notes, broken
    )
    for table in tables:
        show(table)
    for line in broken:
        Console().print(line, style="red")
    return 1 if broken else 0


def digits_by_chance(rng: np.random.Generator, broken: list[str]) -> dict[str, object]:
    """Groups of Benford amounts: how often they would be reported."""
    rows = []
    for n in SIZES:
        groups = min(5_000, AMOUNTS // n)
        code = np.repeat(np.arange(groups), n)
        tested = benford(10 ** rng.uniform(1, 6, groups * n), code, groups, n_min=n)
        rates = [float((tested.mad_p <= a).mean()) for a in ALPHAS]
        both = float(((tested.mad >= 0.015) & (tested.mad_p <= 0.001)).mean())
        rows.append(
            [
                n,
                groups,
                f"{tested.mad.mean():.4f}",
                f"{tested.mad_expected[0]:.4f}",
                pct((tested.mad >= 0.015).mean()),
            ]
            + [pct(r) for r in rates]
            + [pct(both)]
        )
        check(broken, f"Benford, n={n}", rates, groups)
    columns = ["amounts", "groups", "mean MAD", "expected MAD", "MAD ≥ 0.015"]
    columns += [f"p ≤ {a:g}" for a in ALPHAS] + ["reported"]
    return {"caption": "Benford amounts (no manipulation): share of groups", "columns": columns, "rows": rows}


def digits_found(rng: np.random.Generator) -> dict[str, object]:
    """Benford amounts of which a share was made up just below 1,000 or 10,000, or drawn evenly."""
    rows = []
    for n in (500, 2_000, 10_000):
        groups = max(50, 400_000 // n)
        for kind in ("even digits", "below a threshold"):
            for share in (0.05, 0.1, 0.2, 0.3):
                amounts = 10 ** rng.uniform(1, 6, groups * n)
                made = rng.random(len(amounts)) < share
                invented = rng.uniform(1_000, 9_999, made.sum())
                amounts[made] = invented if kind == "even digits" else rng.uniform(9_000, 9_999, made.sum())
                tested = benford(amounts, np.repeat(np.arange(groups), n), groups, n_min=n)
                found = float(((tested.mad >= 0.015) & (tested.mad_p <= 0.001)).mean())
                rows.append([n, kind, pct(share), f"{tested.mad.mean():.4f}", pct(found)])
    columns = ["amounts", "what was made up", "share made up", "mean MAD", "reported"]
    return {"caption": "Made-up amounts: share of groups reported", "columns": columns, "rows": rows}


LAWS = {
    "lognormal": lambda rng, n: np.exp(rng.normal(np.log(3e6), 0.8, n)),
    "Pareto": lambda rng, n: 1e6 * rng.random(n) ** -0.7,
    "uniform": lambda rng, n: rng.uniform(1e5, 1e7, n),
    "exponential": lambda rng, n: rng.exponential(4e6, n),
}


def rounded(rng: np.random.Generator, amounts: np.ndarray) -> np.ndarray:
    """Half of the amounts go to a round number near by."""
    step = rng.choice([0.01, 1e4, 1e5, 5e5, 1e6], len(amounts), p=[0.5, 0.1, 0.2, 0.1, 0.1])
    return np.maximum(np.rint(amounts / step), 1) * step


def bunching_by_chance(rng: np.random.Generator, broken: list[str]) -> dict[str, object]:
    rows = []
    for name, law in LAWS.items():
        for n in (200, 1_000, 10_000):
            groups = min(2_000, 2_000_000 // n)
            amounts = rounded(rng, law(rng, groups * n))
            p = bunching(amounts, np.repeat(np.arange(groups), n), groups, LIMIT).p
            p = p[~np.isnan(p)]
            rates = [float((p <= a).mean()) for a in ALPHAS]
            rows.append([name, n, len(p), *(pct(r) for r in rates)])
            check(broken, f"bunching, {name}, n={n}", rates, len(p))
    columns = ["law", "payments", "groups judged", *(f"p ≤ {a:g}" for a in ALPHAS)]
    return {
        "caption": "Round amounts without bunching: share of groups alarmed",
        "columns": columns,
        "rows": rows,
    }


def bunching_found(rng: np.random.Generator) -> dict[str, object]:
    """A share of the payments from the limit up to 1.5 times the limit is moved just below it."""
    rows = []
    for n in (200, 1_000, 10_000):
        for share in (0.1, 0.2, 0.4):
            groups = max(100, 200_000 // n)
            amounts = rounded(rng, LAWS["lognormal"](rng, groups * n))
            over = (amounts >= LIMIT) & (amounts < 1.5 * LIMIT) & (rng.random(len(amounts)) < share)
            amounts[over] = LIMIT * rng.uniform(0.95, 0.9999, over.sum())
            tested = bunching(amounts, np.repeat(np.arange(groups), n), groups, LIMIT)
            ratio = tested.below.sum() / tested.expected.sum()
            rows.append(
                [
                    n,
                    pct(share),
                    f"{ratio:.2f}",
                    pct((tested.p <= 0.01).mean()),
                    pct((tested.p <= 0.001).mean()),
                ]
            )
    columns = ["payments", "moved below", "seen / expected", "p ≤ 0.01", "p ≤ 0.001"]
    return {
        "caption": "Payments moved below the limit: share of groups alarmed",
        "columns": columns,
        "rows": rows,
    }


def senate(path: Path) -> dict[str, object]:
    frame = pd.read_parquet(path, columns=["SENADOR", "TIPO_DESPESA", "VALOR_REEMBOLSADO"])
    frame = frame[frame["VALOR_REEMBOLSADO"] > 0]
    rows = []
    for label, key in (("all", None), ("kind of expense", "TIPO_DESPESA"), ("senator", "SENADOR")):
        code, names = pd.factorize(frame[key] if key else pd.Series("all", frame.index), sort=True)
        amounts = frame["VALOR_REEMBOLSADO"].to_numpy(float)
        tested = benford(amounts, code, len(names), n_min=100 if key == "SENADOR" else 500)
        ends = last_two_digits(amounts, code, len(names))
        top = repeated_amounts(amounts, code, top=1).set_index("group")
        judged = ~np.isnan(tested.mad)
        reported = (tested.mad >= 0.015) & (tested.mad_p <= 0.001)
        rows.append(
            [label, len(names), int(judged.sum()), int((tested.mad >= 0.015).sum()), int(reported.sum()),
             f"{np.nanmedian(tested.mad):.4f}", f"{np.median(tested.mad_expected[judged]):.4f}",
             int((ends.p <= 0.001).sum()), f"{top['times'].max():.0f} × {top.loc[top['times'].idxmax(), 'amount']:.2f}"]
        )  # fmt: skip
    columns = ["groups by", "groups", "judged", "MAD ≥ 0.015", "reported", "median MAD", "expected by chance"]
    columns += ["odd endings", "most repeated"]
    return {"caption": "Brazilian Senate reimbursements of 2020 (BRL)", "columns": columns, "rows": rows}


def check(broken: list[str], what: str, rates: list[float], groups: int) -> None:
    """A rate above its level by more than SLACK and two standard errors breaks the promise of its p-value."""
    for alpha, rate in zip(ALPHAS, rates, strict=True):
        if rate > SLACK * alpha + 2 * np.sqrt(alpha / max(groups, 1)):
            broken.append(f"{what}: {pct(rate)} alarmed at level {pct(alpha)}")


def pct(share: float) -> str:
    return f"{100 * float(share):.2f} %"


def show(table: dict[str, object]) -> None:
    printed = Table(*table["columns"], title=str(table["caption"]))
    for row in table["rows"]:
        printed.add_row(*map(str, row))
    Console().print(printed)


if __name__ == "__main__":
    raise SystemExit(main())
