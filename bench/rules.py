"""The launch models on a big city: time, memory, growth, and the same five rules in plain pandas beside them.

A sample city is built and walked once; its gated tables are then copied `--copies` times with new identifiers
(`city_scale`). 28 copies of 350,000 people are a city of ten million with some twenty million payments. Each part runs
in a process of its own, so that peaks of memory do not mix:

- all      every P1 model, group by group, findings into the store, as the nightly run does it
- scan     one bare scan of the columns that these models read
- five     five subsidy rules with their evidence and findings
- pandas   the same five rules written plainly in pandas (`pandas_rules`); subjects and levels must be the same

Writes `bench/results/rules.json`, prints a table, and exits with 1 when a promise is broken: peak memory under 2 GiB,
five rules at least 1.5 times as fast as pandas in under half its memory, twice the rows in at most 2.2 times the time.

    python bench/rules.py [--people 350000] [--copies 7 14 28] [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SEED = 7
AS_OF = date(2026, 6, 30)
RESULTS = Path(__file__).parent / "results" / "rules.json"
PARTS = ("all", "scan", "five", "pandas")
MOST_MB, FASTER, LEANER, GROWTH = 2048, 1.5, 0.5, 2.2

Measured = dict[str, Any]


def main() -> int:
    args = _arguments()
    if args.part:
        args.answer.write_text(json.dumps(_part(args), ensure_ascii=False), encoding="utf-8")
        return 0
    place = Path(tempfile.mkdtemp(prefix="mingjian-rules-", dir=args.work))
    place.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    try:
        _run_part("base", place, args.people, 1)
        sizes = [_size(place, args.people, copies, last=copies == max(args.copies)) for copies in args.copies]
    finally:
        shutil.rmtree(place, ignore_errors=True)
    report = {"cpus": os.cpu_count(), "people": args.people, "sizes": sizes}
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    broken = broken_promises(sizes)
    _print(sizes)
    print(*broken, sep="\n")
    return 1 if broken else 0


def _size(place: Path, people: int, copies: int, *, last: bool) -> Measured:
    """One size: the city is copied, measured, and removed again; pandas is compared at the largest size only."""
    rows = _run_part("copy", place, people, copies)
    parts = {
        part: _run_part(part, place, people, copies) for part in PARTS if last or part in ("all", "scan")
    }
    shutil.rmtree(place / "lake")
    if last and parts["five"]["found"] != parts["pandas"]["found"]:
        raise SystemExit(
            "pandas and the rule files do not agree; compare bench/pandas_rules.py with rules/subsidy/"
        )
    for part in parts.values():
        part.pop("found", None)
    return {"people": people * copies, "rows": rows, **parts}


def _run_part(part: str, place: Path, people: int, copies: int) -> Measured:
    env = {k: v for k, v in os.environ.items() if not k.startswith("MINGJIAN_")}
    env["MINGJIAN_HOME"] = str(place / "var")
    answer = place / f"{part}.json"
    command = [sys.executable, __file__, "--part", part, "--people", str(people), "--copies", str(copies)]
    subprocess.run([*command, "--work", str(place), "--answer", str(answer)], env=env, check=True)
    said: Measured = json.loads(answer.read_text(encoding="utf-8"))
    print(
        f"{part} × {copies}: {said.get('seconds')} s, {said.get('peak_mb')} MB", file=sys.stderr, flush=True
    )
    return said


def _part(args: argparse.Namespace) -> Measured:
    work = {"base": _base, "copy": _copy, "all": _all, "scan": _scan, "five": _five, "pandas": _pandas}
    return work[args.part](args.work, args.people, args.copies[0])


def _base(place: Path, people: int, _copies: int) -> Measured:
    from mingjian import flow
    from mingjian.run import open_run
    from mingjian.sample import build_city
    from mingjian.sample.attach import city_services

    started = time.monotonic()
    build_city(place / "city", people, SEED, AS_OF)
    run = open_run(place / "city", AS_OF)
    with city_services(run.sources_dir):
        errors = [done.error for done in flow.walk(run, flow.sectors_of(run)) if done.error]
    return {"seconds": round(time.monotonic() - started, 1), "peak_mb": _peak_mb(), "errors": errors}


def _copy(place: Path, _people: int, copies: int) -> Measured:
    from city_scale import scale
    from sqlalchemy import delete, update

    from mingjian.lake import Lake
    from mingjian.run import open_run
    from mingjian.store.tables import finding, model_run, table_state

    run = open_run(place / "city", AS_OF)
    rows = scale(run.lake, run.content, copies, Lake(place / "lake"))
    with run.engine.begin() as conn:
        conn.execute(delete(finding))
        conn.execute(delete(model_run))
        for table, count in rows.items():
            state = update(table_state).where(table_state.c.table_name == table)
            conn.execute(state.values(ready_version=0, rows=count))
    return rows


def _big(place: Path, wanted: Iterable[str] = ()) -> Any:
    """A run on the copied city, with the wanted models only, by default the launch models."""
    from mingjian.lake import Lake
    from mingjian.run import open_run

    run = open_run(place / "city", AS_OF)
    chosen = list(wanted) or [i for i, m in run.content.models.items() if m.phase == "P1"]
    models = {i: run.content.models[i] for i in chosen}
    return replace(run, lake=Lake(place / "lake"), content=replace(run.content, models=models))


def _all(place: Path, _people: int, _copies: int) -> Measured:
    from sqlalchemy import select

    from mingjian.detect import detect_group, groups_of
    from mingjian.store.tables import model_run

    run = _big(place)
    groups = {}
    for sector in run.content.sectors:
        for group in groups_of(run.content, sector):
            started = time.monotonic()
            counts = detect_group(run, group)
            groups[group] = {"seconds": round(time.monotonic() - started, 2), "peak_mb": _peak_mb(), **counts}
    with run.engine.connect() as conn:
        journal = conn.execute(select(model_run).order_by(model_run.c.model_id)).all()
    return {
        "seconds": round(sum(g["seconds"] for g in groups.values()), 2),
        "peak_mb": _peak_mb(),
        "groups": groups,
        "models": {r.model_id: float(r.seconds) for r in journal},
        "not_done": {r.model_id: f"{r.outcome} {r.message}" for r in journal if r.outcome != "done"},
    }


def _scan(place: Path, _people: int, _copies: int) -> Measured:
    """Read every column that some launch model reads, once, and do nothing else with it."""
    from mingjian.detect.engine import open_engine
    from mingjian.detect.tables import reads, show

    run = _big(place)
    columns: dict[str, set[str]] = {}
    for model in run.content.models.values():
        for table in reads(model):
            shown = {c for e in model.evidence if e.table == table for c in e.columns}
            columns.setdefault(table, set()).update(shown, model.inputs.get(table, []))
    engine = open_engine(run.home / "spill")
    known = [t for t in columns if run.lake.exists("ready", t)]
    show(engine, run.lake, run.content.tables, dict.fromkeys(known, 0))
    started = time.monotonic()
    for table in known:
        picked = ", ".join(f'MAX("{c}")' for c in sorted(columns[table]))
        engine.rows(f'SELECT {picked} FROM "{table}"')
    return {"seconds": round(time.monotonic() - started, 2), "peak_mb": _peak_mb()}


def _five(place: Path, _people: int, _copies: int) -> Measured:
    from pandas_rules import RULES
    from sqlalchemy import delete, select

    from mingjian.detect import detect_group
    from mingjian.store.tables import finding, model_run

    run = _big(place, RULES)
    with run.engine.begin() as conn:
        conn.execute(delete(finding))
        conn.execute(delete(model_run))
    started = time.monotonic()
    detect_group(run, "subsidy.rules")
    seconds = round(time.monotonic() - started, 2)
    peak = _peak_mb()
    with run.engine.connect() as conn:
        rows = conn.execute(select(finding.c.model, finding.c.subject_id, finding.c.level).distinct()).all()
    return {"seconds": seconds, "peak_mb": peak, "found": _sorted([(m, s, v) for m, s, v in rows])}


def _pandas(place: Path, _people: int, _copies: int) -> Measured:
    import pandas_rules

    run = _big(place, pandas_rules.RULES)
    tables = sorted({t for i in pandas_rules.RULES for t in run.content.models[i].inputs})
    files = {t: run.lake.uris("ready", t, 0) for t in tables}
    started = time.monotonic()
    found = pandas_rules.run(files, AS_OF)
    seconds = round(time.monotonic() - started, 2)
    told = _sorted([(model, s, v) for model, hits in found.items() for s, v in hits.items()])
    return {"seconds": seconds, "peak_mb": _peak_mb(), "found": told}


def _sorted(found: list[tuple[str, str, str]]) -> list[list[str]]:
    return [list(f) for f in sorted(found)]


def broken_promises(sizes: list[Measured]) -> list[str]:
    """One line for each promise that these figures do not keep."""
    last = sizes[-1]
    five, plain = last["five"], last["pandas"]
    told = [f"{s['people']:,}: {model} {why}" for s in sizes for model, why in s["all"]["not_done"].items()]
    if last["all"]["peak_mb"] >= MOST_MB:
        told.append(f"peak memory {last['all']['peak_mb']} MB, at most {MOST_MB} allowed")
    if plain["seconds"] < FASTER * five["seconds"]:
        told.append(
            f"five rules {five['seconds']} s, pandas {plain['seconds']} s: less than {FASTER} times as fast"
        )
    if five["peak_mb"] >= LEANER * plain["peak_mb"]:
        told.append(f"five rules {five['peak_mb']} MB, pandas {plain['peak_mb']} MB: half or more")
    for a, b in pairwise(sizes):
        allowed = GROWTH ** (b["people"] / a["people"] / 2)
        if b["all"]["seconds"] > allowed * a["all"]["seconds"]:
            told.append(
                f"{a['people']:,} to {b['people']:,} people: {b['all']['seconds'] / a['all']['seconds']:.2f} times"
            )
    return told


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def _print(sizes: list[Measured]) -> None:
    table = Table("", *(f"{s['people']:,} people" for s in sizes))
    table.add_row("payments", *(f"{s['rows'].get('payout', 0):,}" for s in sizes))
    table.add_row("all launch models, s", *(f"{s['all']['seconds']}" for s in sizes))
    table.add_row(
        "  times one bare scan", *(f"{s['all']['seconds'] / s['scan']['seconds']:.1f}" for s in sizes)
    )
    table.add_row("  peak memory, MB", *(f"{s['all']['peak_mb']}" for s in sizes))
    for group in sizes[-1]["all"]["groups"]:
        table.add_row(f"  {group}", *(f"{s['all']['groups'][group]['seconds']}" for s in sizes))
    last = sizes[-1]
    for part in ("five", "pandas"):
        blank = [""] * (len(sizes) - 1)
        table.add_row(f"{part}, s / MB", *blank, f"{last[part]['seconds']} / {last[part]['peak_mb']}")
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=350_000, help="people of the city that is copied")
    parser.add_argument("--copies", type=int, nargs="+", default=[7, 14, 28], help="how often, for each size")
    parser.add_argument("--work", type=Path, help="where to put the cities (default: the temporary folder)")
    parser.add_argument("--part", choices=["base", "copy", *PARTS], help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
