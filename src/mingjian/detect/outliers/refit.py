"""The weekly refit: every fit-then-score model is fitted on the newest gated snapshot, and the fit is recorded."""

from __future__ import annotations

from mingjian.detect.outliers import fitted, kept, training
from mingjian.detect.outliers.room import Room
from mingjian.detect.plan import plans
from mingjian.domain.i18n import _
from mingjian.domain.model import Model, Status
from mingjian.run import Run


def refitted(run: Run, sector: str | None = None) -> list[str]:
    """Ids of the running models, of one sector or all, whose detector is fitted first and scores later."""
    return [
        m.id
        for _id, m in sorted(run.content.models.items())
        if m.detector is not None
        and m.detector.name in fitted.NAMES
        and m.status in (Status.LIVE, Status.SHADOW)
        and sector in (None, m.sector)
    ]


def refit(run: Run, model_id: str) -> dict[str, int]:
    """Fit one model on today's snapshot, once for each set of values that it runs with; counts what was done.

    The fit judges from tomorrow on. A day that has a record keeps it, and none is made for a day before the newest:
    what a past day was judged by must not change.
    """
    model = run.content.model(model_id)
    with run.engine.connect() as conn:
        plan = plans(conn, run.content, [model], run.as_of)[0]
    counts = {"fits": 0, "kept": 0, "groups": 0, "rows": 0, "not_run": 0}
    if plan.message:
        run.say(f"{model.id}: {plan.message}")
    if not plan.lake:
        return counts | {"not_run": 1}
    room = Room(run.home, run.lake, run.content.tables, plan.lake, True, run.say)
    for values in plan.value_sets(run.as_of):
        done = _refit_with(run, room, model, values)
        for name, count in done.items():
            counts[name] += count
    return counts


def _refit_with(run: Run, room: Room, model: Model, values: dict[str, object]) -> dict[str, int]:
    newest = room.newest_day(model.id, kept.key_of(model, values))
    if newest is not None and newest >= run.as_of:
        run.say(_("模型 {id} 已有 {day} 的拟合记录，不再重做", id=model.id, day=newest))
        return {"kept": 1}
    params = {k: v for k, v in values.items() if k != "as_of"}
    frame = training.on_snapshot(
        run.lake, run.content.tables, run.home / "spill", model, room.versions, params, run.as_of
    )
    made = fitted.fit(frame, model)
    kept.keep(room, model, values, run.as_of, made)
    rows = sum(len(f.peers.x) for f in made.values())
    return {"fits": 1, "groups": len(made), "rows": rows}
