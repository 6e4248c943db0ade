"""How often each surveillance method alarms where nothing happens, against its stated level, and what it finds.

Quiet series are simulated with a season, a trend and overdispersion, weekly and daily, with 0.1 to 100 cases a step;
outbreaks of three sizes are then added. The methods the service uses must keep their level; textbook ones are shown
as they are.

    python bench/surge_false_alarms.py [--series 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from quality import write
from rich.console import Console
from rich.table import Table
from surge_simulated import simulate

from mingjian.detect.surge import Alarms, bayes, daily, ears, farrington_flexible

MEANS = (0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0)
DISPERSIONS = (1.0, 1.5, 3.0)
SIZES = (2.0, 5.0, 10.0)
FOUND_MEANS = (1.0, 10.0, 100.0)
WEEKS, RECENT_WEEKS = 52 * 7, 49
DAYS, RECENT_DAYS = 200, 60
FIRST_DAY = np.datetime64("2023-01-02")
WEEKDAYS = np.array([1.1, 1.1, 1.0, 1.0, 1.1, 0.8, 0.7])


@dataclass(frozen=True)
class Method:
    """A way to judge, its stated level, and whether the service relies on that level."""

    name: str
    level: float
    judge: Callable[[np.ndarray], Alarms]
    kept: bool = False


DATES = FIRST_DAY + np.arange(DAYS)
LATEST = partial(daily, dates=DATES, holidays=None, last=RECENT_DAYS)
FLEXIBLE = partial(farrington_flexible, last=RECENT_WEEKS)
WEEKLY = [
    Method("farrington_flexible delta", 0.05, FLEXIBLE),
    Method("farrington_flexible nbPlugin", 0.05, partial(FLEXIBLE, threshold_method="nbPlugin")),
    Method("farrington_flexible muan", 0.05, partial(FLEXIBLE, threshold_method="muan"), kept=True),
    Method(
        "farrington_flexible muan", 0.01, partial(FLEXIBLE, threshold_method="muan", alpha=0.01), kept=True
    ),
    Method("bayes", 0.05, bayes),
]
DAILY = [
    Method("ears C1", 0.001, partial(ears, method="C1")),
    Method("ears C2", 0.001, partial(ears, method="C2")),
    Method("ears C3 (as R)", 0.025, partial(ears, method="C3")),
    Method("ears C3 (published)", 0.025, partial(ears, method="C3", published_c3=True)),
    Method("daily", 0.01, LATEST, kept=True),
    Method("daily", 0.05, partial(LATEST, alpha=0.05), kept=True),
    Method("daily, 8 weeks", 0.01, partial(LATEST, history=46), kept=True),
]


def weekly_series(n: int, mean: float, phi: float, seed: int, size: float | None = None) -> Any:
    """Counts and which weeks hold outbreak cases."""
    return simulate(n, WEEKS, seed, size, mean=(mean, mean), dispersion=(phi, phi), recent=RECENT_WEEKS)


def daily_series(n: int, mean: float, phi: float, seed: int, size: float | None = None) -> Any:
    """Counts and which days hold outbreak cases: an outbreak has Poisson(size standard deviations of a WEEK's
    count) cases, log-normally spread over about a week, at one start within the days judged."""
    rng = np.random.default_rng(seed)
    t = np.arange(DAYS)
    season = 0.3 * np.cos(2 * np.pi * (t / 365.25 + rng.random((n, 1))))
    slope = rng.uniform(-0.3, 0.3, (n, 1)) * (t / 365.25)
    means = mean * np.exp(season + slope) * WEEKDAYS[(DATES.astype(int) + 3) % 7]
    extra = max(phi - 1, 1e-9)
    counts = rng.poisson(rng.gamma(means / extra, extra))
    held = np.zeros(counts.shape, dtype=bool)
    if size is not None:
        start = rng.integers(DAYS - RECENT_DAYS, DAYS - 7, n)
        cases = rng.poisson(size * np.sqrt(7 * phi * means[np.arange(n), start]))
        which = np.repeat(np.arange(n), cases)
        when = start[which] + np.floor(3 * rng.lognormal(0.0, 0.5, len(which))).astype(int)
        inside = when < DAYS
        np.add.at(counts, (which[inside], when[inside]), 1)
        held[which[inside], when[inside]] = True
    return counts, held


def interval(alarm: np.ndarray) -> tuple[float, float, float]:
    """Share of alarms and its 95 % Wilson interval, the cells of a series counted as one cluster."""
    rate = float(alarm.mean())
    binomial = rate * (1 - rate) / alarm.shape[1]
    clustered = float(alarm.mean(axis=1).var(ddof=1))
    n = alarm.size / max(1.0, clustered / binomial if binomial else 1.0)
    z = 1.96
    middle, half = rate + z**2 / (2 * n), z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    return rate, (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def false_alarms(
    methods: list[Method], make: Callable[..., Any], recent: int, n: int, seed: int
) -> tuple[list[list[Any]], list[str]]:
    """One row a method and dispersion: share of alarms in % with its interval at each mean; and broken promises."""
    rows, broken = [], []
    for phi in DISPERSIONS:
        quiet = [make(n, mean, phi, seed + i)[0] for i, mean in enumerate(MEANS)]
        for method in methods:
            found = [interval(method.judge(counts).alarm[:, -recent:]) for counts in quiet]
            over = [mean for mean, (_, low, _) in zip(MEANS, found, strict=True) if low > method.level]
            cells = [f"{100 * r:.2f} ({100 * low:.2f}–{100 * high:.2f})" for r, low, high in found]
            said = "yes" if not over else "no: " + ", ".join(f"{m:g}" for m in over)
            rows.append([method.name, f"{100 * method.level:g}", phi, *cells, said])
            if over and method.kept:
                broken.append(
                    f"{method.name} at {100 * method.level:g} %: above its level at dispersion {phi:g}, mean {said[4:]}"
                )
    return rows, broken


def sensitivity(
    methods: list[Method], make: Callable[..., Any], recent: int, n: int, seed: int
) -> list[list[Any]]:
    """One row a method and mean: share of outbreaks with an alarm while they last, and mean steps to the first."""
    rows = []
    for mean in FOUND_MEANS:
        struck = [make(n, mean, 1.5, seed + i, size) for i, size in enumerate(SIZES)]
        for method in methods:
            cells = []
            for counts, held in struck:
                there = held[:, -recent:]
                alarm = method.judge(counts).alarm[:, -recent:] & there
                real = there.any(axis=1)
                hit = alarm.any(axis=1)
                delay = (alarm.argmax(axis=1) - there.argmax(axis=1))[hit]
                cells.append(f"{100 * hit[real].mean():.0f} %, {delay.mean() if len(delay) else np.nan:.1f}")
            rows.append([method.name, f"{100 * method.level:g}", f"{mean:g}", *cells])
    return rows


def main() -> int:
    """Measure, show, keep; 1 where a method the service relies on breaks its level."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    n, seed = asked.series, asked.seed
    head = ["method", "level %", "dispersion", *(f"{m:g}" for m in MEANS), "within level"]
    found = ["method", "level %", "mean", *(f"{k:g} sd" for k in SIZES)]
    tables, broken = [], []
    for step, methods, make, recent in (
        ("week", WEEKLY, weekly_series, RECENT_WEEKS),
        ("day", DAILY, daily_series, RECENT_DAYS),
    ):
        rows, over = false_alarms(methods, make, recent, n, seed)
        broken += over
        tables.append(
            {
                "caption": f"False alarms in % of all {step}s of quiet series (95 % interval), by mean count a {step}",
                "columns": head,
                "rows": rows,
            }
        )
        tables.append(
            {
                "caption": f"Outbreaks found while they last, and mean {step}s to the first alarm, by mean count a "
                f"{step}; dispersion 1.5",
                "columns": found,
                "rows": sensitivity(methods, make, recent, n, seed + 100),
            }
        )
    show(tables)
    write(
        "surge_false_alarms",
        "False alarms and sensitivity of the surge methods",
        f"python bench/surge_false_alarms.py --series {n} --seed {seed}",
        tables,
        NOTES,
        broken,
    )
    for line in broken:
        print("not held:", line)
    return 1 if broken else 0


NOTES = [
    "Within its level: the lower end of the interval is at most the level. Weeks and days that a method does not "
    "evaluate (limit54, fewer cases than min_count, a baseline without spread) count as days without an alarm.",
    "EARS is shown as published. A standard deviation of seven days and a normal tail do not carry a level of "
    "0.1 %: by Student's t with six degrees of freedom even normal data without weekdays pass that limit on 1.4 % of "
    "days. A weekday pattern widens the standard deviation and lowers that; sparse and clustered counts raise it.",
    "`daily, 8 weeks` is the first day that daily judges: 56 days of history, 46 of them in the baseline.",
    "bayes takes the reference weeks as Poisson with one mean: overdispersion, season and trend break its level.",
    "Delta and nbPlugin take the fitted mean as known or the transformed count as normal; muan takes the mean at its "
    "upper limit and is the variant for many series.",
    "Weekly outbreaks are those of surge_simulated (total size: Poisson with mean k standard deviations of a week); "
    "daily ones have k standard deviations of a week's count, spread over about a week.",
    "nb_cusum and glr_nb state a run length set by their limit, not a chance per step, and are not in this table.",
]


def show(tables: list[dict[str, Any]]) -> None:
    """The tables on the terminal."""
    console = Console(width=200)
    for told in tables:
        table = Table(title=told["caption"])
        for column in told["columns"]:
            table.add_column(column)
        for row in told["rows"]:
            table.add_row(*(str(cell) for cell in row))
        console.print(table)


if __name__ == "__main__":
    sys.exit(main())
