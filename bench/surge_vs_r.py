"""The surge methods against R's `surveillance`: the same alarms and thresholds on the same series, and how much faster.

Series: simulated weekly ones of ten years with seasons, trend, overdispersion and outbreaks (`surge_simulated`), and
the public records of `--data`. R judges the last `--weeks` steps of each (all steps of the short series) in two
processes; ours judge the same. A cell is a step of a series to which R gives a threshold. Throughput is processor time
on one thread for `farrington_flexible` on the simulated series. Writes bench/results/quality/surge_vs_r.json and exits
with 1 when a promise is broken: alarms identical in 99.5 % of the cells, thresholds within 1 % in 99 %, every other
difference of a known kind, 100 times R's throughput. Without R it says how to get it and exits with 2.

    python bench/surge_vs_r.py [--series 2000] [--weeks 10] [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from quality import write
from rich.console import Console
from rich.table import Table
from surge_records import DATA, boston, chicago, salmonella, taxi
from surge_simulated import simulate
from threadpoolctl import threadpool_limits

from mingjian.detect.surge import Alarms, bayes, ears, farrington, farrington_flexible

SCRIPT = Path(__file__).with_name("surge_r.R")
IMPROVED = "noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1"
ALARMS, CLOSE, FASTER = 0.995, 0.99, 100
SEED, OUTBREAK = 20130330, 5.0
COLUMNS = ["series", "method", "cells", "identical alarms", "thresholds within 1 %", "other differences"]

Ours = Callable[..., Alarms]


@dataclass
class Job:
    """One method on one set of series, in R's words and in ours, and what came of it."""

    data: str
    method: str
    counts: np.ndarray
    last: int
    r: str
    control: str
    ours: Ours
    start: str | None = None
    upper: np.ndarray = field(default_factory=lambda: np.empty(0))
    alarm: np.ndarray = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=2000)
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    if not _r_is_here():
        print("R's package surveillance is missing: apt install r-cran-surveillance", file=sys.stderr)
        return 2
    jobs = _jobs(given)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        begun = time.monotonic()
        for done, job in enumerate(pool.map(lambda job: _ask_r(job, Path(folder)), jobs), 1):
            print(f"R {done}/{len(jobs)} after {time.monotonic() - begun:.0f} s: {job.data}, {job.method}")
    with tempfile.TemporaryDirectory() as folder:
        speed = _throughput(given, Path(folder))
    rows, broken = _compared(jobs)
    if speed[2] < FASTER:
        broken.append(f"farrington_flexible has {speed[2]:.0f} times R's throughput, not {FASTER}")
    _report(given, rows, speed, broken)
    return 1 if broken else 0


def _r_is_here() -> bool:
    command = ["Rscript", "-e", 'quit(status = !requireNamespace("surveillance", quietly = TRUE))']
    return (
        shutil.which("Rscript") is not None and subprocess.run(command, capture_output=True).returncode == 0
    )


def _jobs(given: argparse.Namespace) -> list[Job]:
    simulated, _held = simulate(given.series, 520, SEED, OUTBREAK)
    some = simulated[:: max(1, given.series // 300)]
    cases, first = salmonella(given.data)
    city, monday = chicago(given.data, "W-SUN", 50)
    by_day, _day = chicago(given.data, "D", 50)
    summer, _day = boston(given.data, "D", 30)
    weeks, trips = given.weeks, taxi(given.data)
    old = cases.shape[1] - 53 * 5 - 3
    recent = city.shape[1] - 53 * 2 - 3
    jobs = [
        _flexible("simulated", simulated, weeks, "delta"),
        _flexible("simulated, a part", some, weeks, "nbPlugin"),
        _flexible("simulated, a part", some, weeks, "muan"),
        _farrington("simulated", simulated, weeks),
        *(
            _flexible("salmonella, by week", cases, old, method, first)
            for method in ("delta", "nbPlugin", "muan")
        ),
        _farrington("salmonella, by week", cases, old, first),
        _flexible("complaints Chicago, by week", city, min(weeks, recent), "delta", monday, 2),
        _farrington("complaints Chicago, by week", city, min(weeks, recent), monday, 2),
    ]
    for name, counts, last in [
        ("simulated", simulated, weeks),
        ("salmonella, by week", cases, 300),
        ("taxi trips, by day", trips, trips.shape[1] - 20),
        ("complaints Chicago, by week", city, 100),
        ("complaints Chicago, by day", by_day, 100),
        ("complaints Boston, by day", summer, summer.shape[1] - 20),
    ]:
        jobs += [_ears(name, counts, last, method) for method in ("C1", "C2", "C3")]
        jobs.append(_bayes(name, counts, last))
    return jobs


def _flexible(
    data: str, counts: np.ndarray, last: int, method: str, start: str | None = None, b: int = 5
) -> Job:
    return Job(
        data, f"farrington_flexible, {method}", counts, last, "flexible",
        f'list({IMPROVED}, b = {b}, thresholdMethod = "{method}")',
        lambda c: farrington_flexible(c, b=b, threshold_method=method, start=start, last=last), start,
    )  # fmt: skip


def _farrington(data: str, counts: np.ndarray, last: int, start: str | None = None, b: int = 5) -> Job:
    return Job(
        data, "farrington", counts, last, "farrington", f"list(b = {b})",
        lambda c: farrington(c, b=b, start=start, last=last), start,
    )  # fmt: skip


def _ears(data: str, counts: np.ndarray, last: int, method: str) -> Job:
    alpha = 0.025 if method == "C3" else 0.001
    return Job(
        data, f"ears {method}", counts, last, "earsC", f'list(method = "{method}", alpha = {alpha})',
        lambda c: ears(c, method=method, alpha=alpha),
    )  # fmt: skip


def _bayes(data: str, counts: np.ndarray, last: int) -> Job:
    return Job(data, "bayes", counts, last, "bayes", "list(b = 0, w = 6, actY = TRUE, alpha = 0.05)", bayes)


def _ask_r(job: Job, folder: Path) -> Job:
    asked, answered = folder / f"{id(job)}.csv", folder / f"{id(job)}.answers.csv"
    np.savetxt(asked, job.counts, fmt="%d", delimiter=",")
    command = [
        "Rscript",
        SCRIPT,
        asked,
        answered,
        job.r,
        job.control,
        str(job.last),
        *([job.start] if job.start else []),
    ]
    subprocess.run(command, check=True, capture_output=True)
    table = np.genfromtxt(answered, delimiter=",", missing_values="NA", filling_values=np.nan)
    shape = len(job.counts), job.last
    job.upper, job.alarm = table[:-1, 0].reshape(shape), table[:-1, 1].reshape(shape) == 1
    job.seconds = table[-1, 0]
    if job.r == "farrington":  # this one writes 0 where too few cases forbid an alarm, the others NA
        job.upper[job.upper == 0] = np.nan
    return job


def _compared(jobs: list[Job]) -> tuple[list[list[str]], list[str]]:
    """The table's rows and the promises not kept."""
    rows, broken = [], []
    for job in jobs:
        found = job.ours(job.counts)
        upper, alarm = found.upper[:, -job.last :], found.alarm[:, -job.last :]
        cells, both = np.isfinite(job.upper), np.isfinite(job.upper) & np.isfinite(upper)
        same = float((alarm == job.alarm)[cells].mean())
        close = np.abs(upper - job.upper) <= 0.01 * np.abs(job.upper) + 1e-9
        near = float((close & both)[cells].mean())
        rows.append(
            [job.data, job.method, f"{cells.sum():,}", f"{100 * same:.3f} %", f"{100 * near:.3f} %",
             _others(job, upper, alarm, close)]
        )  # fmt: skip
        if same < ALARMS:
            broken.append(f"{job.data}, {job.method}: identical alarms in {100 * same:.2f} % of the cells")
        if near < CLOSE:
            broken.append(
                f"{job.data}, {job.method}: thresholds within 1 % in {100 * near:.2f} % of the cells"
            )
        if "unexplained" in rows[-1][-1]:
            broken.append(f"{job.data}, {job.method}: differences of no known kind")
    return rows, broken


def _others(job: Job, upper: np.ndarray, alarm: np.ndarray, close: np.ndarray) -> str:
    """Each kind of difference with its number of cells; see NOTES for the reasons."""
    theirs, ours = np.isfinite(job.upper), np.isfinite(upper)
    never = ~theirs & ours & (upper == 0) & (job.r == "flexible")
    beyond = theirs & (np.maximum(np.nan_to_num(upper), np.nan_to_num(job.upper)) > 1e8) & ~close
    unlike = (theirs & ~close) | (theirs != ours) | ((alarm != job.alarm) & theirs)
    kinds = {
        f"no case in the baseline ({(never & alarm).sum()} alarms)": never,
        "threshold beyond 100 million": beyond,
        "unexplained": unlike & ~never & ~beyond,
    }
    return "; ".join(f"{kind}: {cells.sum()}" for kind, cells in kinds.items() if cells.any()) or "none"


def _throughput(given: argparse.Namespace, folder: Path) -> tuple[float, float, float]:
    """Milliseconds of processor time for one week of one series: R's, ours, and how many times faster ours is."""
    counts, _held = simulate(max(given.series, 2000), 520, SEED, OUTBREAK)
    some = _ask_r(_flexible("simulated", counts[:60], 5, "delta"), folder)
    theirs = 1000 * some.seconds / some.upper.size
    with threadpool_limits(1):
        begun = time.process_time()
        farrington_flexible(counts, last=5)
        ours = 1000 * (time.process_time() - begun) / (5 * len(counts))
    return theirs, ours, theirs / ours


NOTES = [
    "A cell is a step of a series to which R (surveillance 1.20.3, Debian) gives a threshold. R's own defaults of "
    "farringtonFlexible are those of 1996; here both sides use what Noufaily et al. (2013) advise.",
    "No case in the baseline: R's fit does not settle within 25 steps and it gives no answer; ours expects 0 and takes "
    "the predictive distribution of a Poisson count, so that the first surge of a quiet series is seen.",
    "Threshold beyond 100 million (muan on series that are nearly empty): both say that no count is an alarm.",
    "After reweighting, farringtonFlexible scales the estimation error by the dispersion of relative residuals, which "
    "makes thresholds slightly lower than the paper's; ours does the same, to give the same alarms.",
    "Series with fewer than 5 cases in the last 4 weeks are not evaluated by either and are not cells.",
]


def _report(
    given: argparse.Namespace, rows: list[list[str]], speed: tuple[float, float, float], broken: list[str]
) -> None:
    pace = [["R", f"{speed[0]:.2f}", ""], ["ours", f"{speed[1]:.3f}", f"{speed[2]:.0f}"]]
    tables = [
        {"caption": "Agreement with R", "columns": COLUMNS, "rows": rows},
        {
            "caption": "Processor time for one week of one series of ten years, farrington_flexible, one thread",
            "columns": ["", "milliseconds", "times R's throughput"],
            "rows": pace,
        },
    ]
    for each in tables:
        table = Table(*each["columns"], title=each["caption"])
        for row in each["rows"]:
            table.add_row(*row)
        Console(width=150).print(table)
    for line in broken:
        print("BROKEN", line)
    command = f"python bench/surge_vs_r.py --series {given.series} --weeks {given.weeks}"
    write("surge_vs_r", "Surge methods against R's surveillance", command, tables, NOTES, broken)


if __name__ == "__main__":
    sys.exit(main())
