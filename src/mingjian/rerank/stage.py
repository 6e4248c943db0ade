"""The rerank stage: each statistical model's verdicts are tried, and where they prove themselves they give the order."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from sqlalchemy import Connection

from mingjian.domain.model import Model
from mingjian.rerank.gate import Reason, Trial, walk_forward
from mingjian.rerank.learn import Method, rerank
from mingjian.rerank.matters import Matters, matters_of
from mingjian.rerank.places import moves
from mingjian.run import Run
from mingjian.store import reranking

DIGITS = 4


def rerank_all(run: Run) -> dict[str, int]:
    """Decide for every statistical model and place its open warnings; counts by reason. Idempotent.

    Trained anew from the verdicts each time, so nothing is kept but the decision; the same verdicts give the same.
    """
    counts: Counter[str] = Counter()
    for model in statistical(run):
        with run.engine.begin() as conn:
            counts[rerank_model(conn, run, model).reason.value] += 1
    return dict(counts)


def statistical(run: Run) -> list[Model]:
    """The models that a detector works for, by id."""
    return [m for _id, m in sorted(run.content.models.items()) if m.detector is not None]


def rerank_model(conn: Connection, run: Run, model: Model) -> Trial:
    """One model's trial; its outcome is kept and its open warnings are placed, in the caller's transaction."""
    matters = matters_of(conn, model.id)
    trial = try_out(matters, _seed(model))
    values = {**_rounded(asdict(trial)), "reason": trial.reason.value}
    reranking.decide(conn, model.id, run.as_of, values, run.clock.now())
    placed = _places(matters, _seed(model)) if trial.reason is Reason.BETTER else {}
    reranking.place(conn, model.id, placed)
    return trial


def try_out(matters: Matters, seed: int) -> Trial:
    """The walk forward over a model's judged warnings."""
    known = matters.judged
    return walk_forward(
        matters.x[known],
        matters.prior[known],
        matters.y[known],
        matters.moment[known],
        matters.level[known],
        seed,
    )


def _places(matters: Matters, seed: int) -> dict[str, tuple[int, float]]:
    """What each open warning moves by, and its chance."""
    learned = rerank(matters.x, matters.prior, matters.y, seed)
    if learned.method is Method.UNSUPERVISED:
        return {}
    asked = matters.open
    ids = [i for i, is_open in zip(matters.ids, asked, strict=True) if is_open]
    moved = moves(ids, learned.order[asked], matters.queued[asked], matters.standing[asked])
    chances = dict(zip(ids, learned.chance[asked], strict=True))
    return {i: (moved[i], round(float(chances[i]), DIGITS)) for i in ids}


def _seed(model: Model) -> int:
    return model.detector.seed if model.detector else 0


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in values.items()}
