"""The last stage of a walk pins the audit log once a day, and fails aloud when the log was tampered with."""

from __future__ import annotations

from sqlalchemy import select, text
from supervise_queue import Queue
from tests.audit_unlocked import audit_unlocked

from mingjian import flow
from mingjian.store.tables import audit_anchor, stage_run


def anchor_stage() -> flow.Stage:
    return next(stage for stage in flow.TAIL if stage.name == "anchor")


def walk_anchor(queue: Queue) -> flow.Done:
    (key,) = anchor_stage().keys(queue.run, flow.WATCH)
    return flow.perform(queue.run, anchor_stage(), key)


def change(queue: Queue) -> None:
    """One audited change: a warning is triaged and dispatched by the stage."""
    queue.add_unit("U", "civil_affairs", "district", "150102")
    queue.warn(level="低")
    flow.dispatch(queue.run, "subsidy")


def days(queue: Queue) -> list[str]:
    with queue.engine.connect() as conn:
        return [
            str(day)
            for day in conn.execute(select(audit_anchor.c.day).order_by(audit_anchor.c.day)).scalars()
        ]


def test_the_anchor_is_made_once_a_day_after_all_else(queue: Queue) -> None:
    assert flow.TAIL[-1] == anchor_stage()
    change(queue)
    assert walk_anchor(queue).counts["anchored"] > 0
    assert walk_anchor(queue).counts == {"anchored": 0}
    queue.clock.move(days=1)
    assert walk_anchor(queue).counts["anchored"] > 0
    assert days(queue) == ["2026-03-02", "2026-03-03"]
    assert queue.chain_holds()


def test_a_tampered_log_fails_the_stage_by_name_and_is_not_anchored(queue: Queue) -> None:
    change(queue)
    with queue.engine.begin() as conn, audit_unlocked(conn):
        conn.execute(text("UPDATE audit_log SET actor = 'nobody' WHERE id = 1"))
    done = walk_anchor(queue)
    assert done.error is not None and "第 1 行" in done.error
    assert days(queue) == []
    with queue.engine.connect() as conn:
        assert conn.scalar(select(stage_run.c.status).where(stage_run.c.stage == "anchor")) == "failed"
