"""Every model against what was planted, on fresh seeds: recall, precision, and docs/models.md.

For each seed a sample city is written and walked in a home of its own, each in fresh processes. Writes
`bench/results/models.json` and `docs/models.md`, prints who missed its floor, and exits with 1 if any did.

    python bench/models.py [--people 20000] [--seeds 11 12 13]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from mingjian.content import load_content
from mingjian.report.modelsdoc import floors, models_markdown

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "models.json"
OWN_ORDERS = ROOT / "bench" / "own_orders.py"
PAGE = ROOT / "docs" / "models.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    args = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="mingjian-models-"))
    base.chmod(0o755)  # else an embedded PostgreSQL that is started by root keeps its data elsewhere
    try:
        seeds = {str(seed): measure(base / str(seed), args.people, seed) for seed in args.seeds}
    finally:
        shutil.rmtree(base, ignore_errors=True)
    measured = {"people": args.people, "seeds": seeds}
    RESULTS.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(models_markdown(load_content(), measured), encoding="utf-8")
    short = shortfalls(seeds)
    for line in short:
        Console().print(line, style="red", highlight=False)
    return 1 if short else 0


def measure(home: Path, people: int, seed: int) -> dict[str, dict[str, Any]]:
    """Figures by model of one city: planted, found, false, recall, precision."""
    city = home / "city"
    _mingjian(home, "sample-city", "--out", str(city), "--people", str(people), "--seed", str(seed))
    _mingjian(home, "run", "--sources", str(city))
    rows = json.loads(_mingjian(home, "evaluate", "--truth", str(city / "truth.csv"), "--json"))
    rows.append(json.loads(_said(home, sys.executable, str(OWN_ORDERS), str(city))))
    return {row.pop("model"): row for row in rows}


def _mingjian(home: Path, *words: str) -> str:
    return _said(home, str(Path(sys.executable).with_name("mingjian")), *words)


def _said(home: Path, *command: str) -> str:
    env = {**os.environ, "MINGJIAN_HOME": str(home), "MINGJIAN_LANG": "en"}
    done = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def shortfalls(seeds: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """One line for each P1 model and seed below its floor, or without a planted case."""
    found = []
    for model_id, model in sorted(load_content().models.items()):
        floor = floors(model)
        for seed, figures in seeds.items() if floor else ():
            f = figures.get(model_id, {})
            if not f.get("planted") or f["recall"] < floor[0] or (f["precision"] or 0) < floor[1]:
                found.append(f"seed {seed}: {model_id} {f}")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
