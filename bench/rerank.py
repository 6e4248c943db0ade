"""Re-ranking by verdicts on labelled outlier sets: 1, 5 and 10 % of the rows judged, the rest ranked.

For each set, seed, share and way of revealing: average precision (AP) and ROC on the rows nobody judged, for the
unsupervised default, a supervised learner without it, ours, and what the gate lets through. Writes
`bench/results/quality/rerank.json`; exits with 1 when a promise is broken.

    OMP_NUM_THREADS=1 python bench/rerank.py [--data ../shared/data] [--seeds 5]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import quality
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mingjian.detect.outliers import candidate_scores
from mingjian.rerank import Reason, rerank, walk_forward
from mingjian.rerank.learn import MANY

DATA = Path(__file__).parents[2] / "shared" / "data"
DETECTORS = ("KNN", "INNE", "IForest", "MCD", "ECOD", "HBOS")
PRIOR = "Ensemble"
SHARES = (0.01, 0.05, 0.10)
WAYS = ("inspectors", "random")
MOST_WRONG = 0.05  # of decisions: the gate's interval is a two-sided 95 % one
NOTHING = 300  # simulated histories in which features tell nothing
HISTORIES = (40, 100)


class Cell(NamedTuple):
    """One measurement. `ap` and `roc` are those of: unsupervised, supervised only, ours, ours behind the gate."""

    name: str
    share: float
    way: str
    judged: int
    ap: np.ndarray
    roc: np.ndarray
    reason: Reason

    @property
    def worse(self) -> bool:
        """Let through, though on the rows nobody judged it orders worse."""
        return self.reason is Reason.BETTER and bool(self.ap[2] < self.ap[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    files = sorted((args.data / "outliers").glob("*.npz"))
    cells = [cell for path in files for seed in range(args.seeds) for cell in measure(path, seed)]
    through = {many: nothing_to_learn(many) for many in HISTORIES}
    tables = [overall(cells), gate(cells), nothing(through), by_set(cells)]
    broken = broken_promises(cells, through)
    quality.write(
        "rerank",
        "按核查结论重排 · Re-ranking by verdicts",
        f"python bench/rerank.py --seeds {args.seeds}",
        tables,
        NOTES,
        broken,
    )
    for table in tables:
        show(table)
    for line in broken:
        Console().print(line, style="red", highlight=False)
    return 1 if broken else 0


NOTES = [
    "Rows that were judged are left out of every figure. AP is average precision, ROC the area under the curve.",
    "`inspectors`: half of the judged rows are the top of the unsupervised order, half are drawn at random; "
    "`random`: all are drawn. They are judged in random order, which the gate walks forward in.",
    "The unsupervised order is the default ensemble's; ours also sees the scores of its members, ECOD and HBOS.",
    "`supervised` knows the features alone (boosting from thirty verdicts of each kind on, else logistic regression); "
    "with verdicts of one kind only it cannot order and gets the base rate.",
    "With fewer than two verdicts of either kind ours is the unsupervised order, so their figures agree.",
]


def measure(path: Path, seed: int) -> Iterator[Cell]:
    """All shares and ways of one set and seed."""
    with np.load(path) as data:
        x, y = data["X"].astype(float), data["y"].astype(int)
    scores = candidate_scores(x, (PRIOR, *DETECTORS), seed)
    prior = scores[PRIOR]
    wide = np.column_stack([x, *(scores[name] for name in DETECTORS)])
    for share in SHARES:
        for way in WAYS:
            judged = reveal(prior, share, way, seed)
            yield cell(path.stem.split("_", 1)[1], x, wide, prior, y, judged, share, way, seed)


def reveal(prior: np.ndarray, share: float, way: str, seed: int) -> np.ndarray:
    """The rows that are judged, in the order of their verdicts."""
    rng = np.random.default_rng([seed, int(1000 * share), WAYS.index(way)])
    many = max(round(share * len(prior)), 2)
    top = np.argsort(-prior, kind="stable")[: many // 2] if way == "inspectors" else np.zeros(0, dtype=int)
    rest = np.setdiff1d(np.arange(len(prior)), top)
    return rng.permutation(np.concatenate([top, rng.choice(rest, many - len(top), replace=False)]))


def cell(
    name: str,
    x: np.ndarray,
    wide: np.ndarray,
    prior: np.ndarray,
    y: np.ndarray,
    judged: np.ndarray,
    share: float,
    way: str,
    seed: int,
) -> Cell:
    """What each order is worth on the rows that are not judged."""
    known = np.full(len(y), np.nan)
    known[judged] = y[judged]
    rest = np.isnan(known)
    ours = rerank(wide, prior, known, seed).order
    trial = walk_forward(wide[judged], prior[judged], y[judged], np.arange(len(judged)), seed=seed)
    gated = ours if trial.reason is Reason.BETTER else prior
    orders = [prior, supervised(x, y, judged, seed), ours, gated]
    ap = np.array([average_precision_score(y[rest], order[rest]) for order in orders])
    roc = np.array([roc_auc_score(y[rest], order[rest]) for order in orders])
    return Cell(name, share, way, len(judged), ap, roc, trial.reason)


def supervised(x: np.ndarray, y: np.ndarray, judged: np.ndarray, seed: int) -> np.ndarray:
    """Chances by a learner that sees features and verdicts only."""
    known = y[judged]
    fewest = min(known.sum(), len(known) - known.sum())
    if fewest == 0:
        return np.zeros(len(y))
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    boosting = HistGradientBoostingClassifier(early_stopping=False, random_state=seed)
    fitted = (boosting if fewest >= MANY else logistic).fit(x[judged], known)
    return np.asarray(fitted.predict_proba(x)[:, 1])


def overall(cells: list[Cell]) -> dict[str, Any]:
    """Means over sets and seeds."""
    rows = []
    for way, share, mine in grouped(cells):
        ap, roc = np.mean([c.ap for c in mine], axis=0), np.mean([c.roc for c in mine], axis=0)
        rows.append([way, f"{share:.0%}", *(round(float(v), 3) for v in (*ap, *roc))])
    names = ("unsupervised", "supervised", "ours", "ours behind the gate")
    columns = ["revealed", "judged", *(f"AP {n}" for n in names), *(f"ROC {n}" for n in names)]
    return {"caption": "Mean over sets and seeds, on rows not judged", "columns": columns, "rows": rows}


def gate(cells: list[Cell]) -> dict[str, Any]:
    """What the gate decides, and how often it is wrong to let an order through."""
    rows = []
    for way, share, mine in grouped(cells):
        counts = [sum(c.reason is reason for c in mine) for reason in Reason]
        better = sum(bool(c.ap[2] > c.ap[0]) for c in mine)
        worse = sum(bool(c.ap[2] < c.ap[0]) for c in mine)
        rows.append([way, f"{share:.0%}", len(mine), *counts, sum(c.worse for c in mine), better, worse])
    columns = ["revealed", "judged", "decisions", *(r.value for r in Reason), "let through though worse"]
    columns += ["ours truly better", "ours truly worse"]
    return {"caption": "The gate's decisions", "columns": columns, "rows": rows}


def by_set(cells: list[Cell]) -> dict[str, Any]:
    """AP by set, verdicts as inspectors give them."""
    rows = []
    for name in sorted({c.name for c in cells}):
        for share in SHARES:
            mine = [c for c in cells if (c.name, c.share, c.way) == (name, share, WAYS[0])]
            ap = np.mean([c.ap for c in mine], axis=0)
            through = sum(c.reason is Reason.BETTER for c in mine)
            rows.append([name, f"{share:.0%}", mine[0].judged, *(round(float(v), 3) for v in ap), through])
    columns = ["set", "judged", "rows judged", "unsupervised", "supervised", "ours", "behind the gate"]
    return {
        "caption": "AP by set, revealed as inspectors would",
        "columns": [*columns, "let through"],
        "rows": rows,
    }


def nothing_to_learn(many: int) -> int:
    """How many of the simulated histories of `many` verdicts pass the gate though their features are noise."""
    passed = 0
    for seed in range(NOTHING):
        rng = np.random.default_rng([seed, many])
        y = (rng.random(many) < 0.4).astype(int)
        x, prior = rng.normal(size=(many, 8)), rng.normal(size=many) + 0.7 * y
        passed += walk_forward(x, prior, y, np.arange(many), seed=seed).reason is Reason.BETTER
    return passed


def nothing(through: dict[int, int]) -> dict[str, Any]:
    rows = [[many, NOTHING, passed, f"{passed / NOTHING:.1%}"] for many, passed in through.items()]
    columns = ["verdicts", "simulated histories", "let through", "share"]
    return {
        "caption": "Features that tell nothing: every order let through is a mistake",
        "columns": columns,
        "rows": rows,
    }


def grouped(cells: list[Cell]) -> Iterator[tuple[str, float, list[Cell]]]:
    for way in WAYS:
        for share in SHARES:
            yield way, share, [c for c in cells if (c.way, c.share) == (way, share)]


def broken_promises(cells: list[Cell], through: dict[int, int]) -> list[str]:
    """Behind the gate the mean AP is never below the unsupervised one, and few worse orders are let through."""
    found = []
    for way, share, mine in grouped(cells):
        unsupervised, _supervised, _ours, gated = np.mean([c.ap for c in mine], axis=0)
        if gated < unsupervised:
            found.append(
                f"{way} {share:.0%}: AP {gated:.3f} behind the gate, {unsupervised:.3f} without verdicts"
            )
    wrong = sum(c.worse for c in cells)
    if wrong > MOST_WRONG * len(cells):
        found.append(f"{wrong} of {len(cells)} decisions let a worse order through")
    for many, passed in through.items():
        if passed > MOST_WRONG * NOTHING:
            found.append(f"{many} verdicts with nothing to learn: {passed} of {NOTHING} let through")
    return found


def show(table: dict[str, Any]) -> None:
    shown = Table(title=table["caption"], box=None)
    for name in table["columns"]:
        shown.add_column(name)
    for row in table["rows"]:
        shown.add_row(*map(str, row))
    Console(width=200).print(shown)


if __name__ == "__main__":
    sys.exit(main())
