"""One new week of very many weekly series by `farrington_flexible`: seconds and peak memory on two cores.

The series are read a chunk at a time, as a nightly run reads them from its tables, and judged by two threads. Only the
judging is timed; making the simulated series is not. Writes bench/results/quality/surge_throughput.json and exits with
1 when 500,000 series take two minutes or more.

    python bench/surge_throughput.py [--series 500000] [--workers 2]
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

from quality import write
from rich.console import Console
from rich.table import Table
from surge_simulated import simulate
from threadpoolctl import threadpool_limits

from mingjian.detect.surge import farrington_flexible

CHUNK, WEEKS, LIMIT = 10_000, 300, 120
COLUMNS = ["series", "weeks of history", "threads", "seconds", "milliseconds a series", "peak memory, MB"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=500_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    seconds, alarms = 0.0, 0
    with threadpool_limits(1):  # the threads are ours, not the matrix library's
        for first in range(0, given.series, CHUNK):
            counts, _held = simulate(min(CHUNK, given.series - first), WEEKS, first, 5.0)
            begun = time.perf_counter()
            found = farrington_flexible(counts, last=1, workers=given.workers)
            seconds += time.perf_counter() - begun
            alarms += int(found.alarm.sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    broken = []
    if seconds >= LIMIT * given.series / 500_000:
        broken.append(f"{given.series:,} series took {seconds:.0f} seconds")
    row = [
        f"{given.series:,}", str(WEEKS), str(given.workers),
        f"{seconds:.1f}", f"{1000 * seconds / given.series:.3f}", f"{memory:.0f}",
    ]  # fmt: skip
    table = Table(*COLUMNS)
    table.add_row(*row)
    Console().print(table)
    caption = "One new week of many weekly series, farrington_flexible"
    notes = [
        f"{alarms:,} alarms. Peak memory is of the whole process, the simulated chunk of {CHUNK:,} series included."
    ]
    command = f"python bench/surge_throughput.py --series {given.series} --workers {given.workers}"
    write(
        "surge_throughput", "Surges in many series at once", command,
        [{"caption": caption, "columns": COLUMNS, "rows": [row]}], notes, broken,
    )  # fmt: skip
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
