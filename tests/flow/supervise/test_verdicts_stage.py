"""Verdicts feed back: reviews of unflagged subjects, and proposals that change nothing until a steward accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import func, select
from supervise_queue import Queue
from test_supervise_act import TO_VERIFYING, take, walk

from mingjian.content import load_content
from mingjian.content.loader import shipped_policy
from mingjian.content.standing import with_statuses
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.model import Status
from mingjian.domain.review import DrawOutcome, ProposalState, ReviewVerdict
from mingjian.domain.roles import Role
from mingjian.run import Run
from mingjian.store import proposals, reviews, seeds
from mingjian.store.proposals import Answer
from mingjian.store.tables import review_draw, review_task, shadow_proposal
from mingjian.supervise import dispatch
from mingjian.supervise.dispatch import decide
from mingjian.verdicts import learn_from_verdicts
from mingjian.verdicts.report import figures_by_model
from mingjian.verdicts.unflagged import population_table, sample

R = Role
MODEL = "subsidy.deceased_payee"
SHIPPED = shipped_policy()
FEW = SHIPPED.model_copy(update={"reviews": SHIPPED.reviews.model_copy(update={"least": 4})})


@pytest.fixture
def city(queue: Queue, repo: Path) -> Run:
    """The queue's run with one live model, a steward and people to judge."""
    content = load_content(repo)
    model = content.models[MODEL].model_copy(update={"status": Status.LIVE})
    queue.add_unit("OTHER", None, "district", "150102")
    queue.add_user("steward", "R9", None)
    queue.add_user("judge", "R4", "OTHER")
    return replace(queue.run, content=replace(queue.run.content, models={MODEL: model}))


def few(run: Run) -> Run:
    """The run under a policy that asks for few verdicts."""
    return replace(run, content=replace(run.content, policy=FEW))


def refused(queue: Queue, run: Run, n: int) -> list[str]:
    """Warnings of the model's present version that were closed as false positives."""
    version = run.content.models[MODEL].version
    ids = [queue.warn(level="低", model_version=version) for _ in range(n)]
    dispatch(run, "subsidy")
    for warned in ids:
        walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
        take(queue, warned, "approve_fp", "judge", R.R4, reason="FP07 口径不适合")
    return ids


def proposed(queue: Queue) -> list:
    with queue.engine.connect() as conn:
        return proposals.all_of(conn)


def answer(queue: Queue, state: ProposalState, actor: str = "steward", reason: str = "已核") -> None:
    now = queue.clock.now()
    with queue.engine.begin() as conn:
        (row,) = proposals.all_of(conn, undecided=True)
        proposals.decide(conn, row["id"], Answer(state, actor, reason, now, now.date()))


def test_a_model_below_its_bar_is_proposed_once_and_nothing_else_changes(queue: Queue, city: Run) -> None:
    refused(queue, city, 5)
    assert learn_from_verdicts(few(city))["proposed"] == 1
    assert learn_from_verdicts(few(city))["proposed"] == 0
    (row,) = proposed(queue)
    assert (row["model"], row["state"], row["figures"]["judged"]) == (MODEL, "open", 5)
    assert row["figures"]["mature_high"] < row["figures"]["bar"]
    letters = [x for x in queue.letters() if x["template"] == "shadow_proposed"]
    assert [x["recipient"] for x in letters] == ["steward"]
    with queue.engine.connect() as conn:
        assert proposals.statuses_at(conn, city.as_of) == {}
    assert queue.audited(str(row["id"]))[0]["action"] == "propose_shadow" and queue.chain_holds()


def test_too_few_verdicts_propose_nothing(queue: Queue, city: Run) -> None:
    refused(queue, city, 3)
    assert learn_from_verdicts(few(city))["proposed"] == 0


def test_an_accepted_proposal_makes_the_model_a_shadow_and_a_new_version_stands_anew(
    queue: Queue, city: Run
) -> None:
    refused(queue, city, 5)
    learn_from_verdicts(few(city))
    answer(queue, ProposalState.ACCEPTED)
    with queue.engine.connect() as conn:
        statuses = proposals.statuses_at(conn, city.as_of)
        assert proposals.statuses_at(conn, city.as_of - timedelta(days=1)) == {}
    held = with_statuses(city.content, statuses).models[MODEL]
    assert held.status is Status.SHADOW
    row = {"status": "new", "reason": "new", "level": "低", "subject_kind": "project", "has_evidence": True}
    assert decide({**row, "has_order": False}, held) == "shadow"
    newer = held.model_copy(update={"version": held.version + 1, "status": Status.LIVE})
    content = with_statuses(replace(city.content, models={MODEL: newer}), statuses)
    assert content.models[MODEL].status is Status.LIVE


def test_a_rejected_proposal_comes_again_only_on_as_many_verdicts_more(queue: Queue, city: Run) -> None:
    refused(queue, city, 5)
    learn_from_verdicts(few(city))
    answer(queue, ProposalState.REJECTED)
    refused(queue, city, 3)
    assert learn_from_verdicts(few(city))["proposed"] == 0
    refused(queue, city, 1)
    assert learn_from_verdicts(few(city))["proposed"] == 1


@pytest.mark.parametrize(
    ("actor", "reason", "says"),
    [("judge", "已核", "模型管理员"), ("steward", " ", "理由"), ("nobody", "已核", "模型管理员")],
)
def test_only_a_steward_decides_and_says_why(
    queue: Queue, city: Run, actor: str, reason: str, says: str
) -> None:
    refused(queue, city, 5)
    learn_from_verdicts(few(city))
    with pytest.raises(TransitionError, match=says):
        answer(queue, ProposalState.ACCEPTED, actor, reason)
    assert proposed(queue)[0]["state"] == "open"


def test_a_decided_proposal_is_not_decided_again(queue: Queue, city: Run) -> None:
    refused(queue, city, 5)
    learn_from_verdicts(few(city))
    answer(queue, ProposalState.REJECTED)
    now = queue.clock.now()
    with queue.engine.begin() as conn:
        number = conn.scalar(select(shadow_proposal.c.id))
        with pytest.raises(TransitionError, match="已有决定"):
            proposals.decide(conn, number, Answer(ProposalState.ACCEPTED, "steward", "x", now, now.date()))
        with pytest.raises(NotFound):
            proposals.decide(conn, 0, Answer(ProposalState.ACCEPTED, "steward", "x", now, now.date()))


def payees(run: Run, n: int) -> None:
    """A ready payout table of `n` persons."""
    ids = [f"P{i:03d}" for i in range(n)]
    run.lake.replace(
        "payout",
        pa.table({"payout_id": pa.array(ids, pa.string()), "person_id": pa.array(ids, pa.string())}),
        run.as_of,
    )


def tasks(queue: Queue) -> list:
    with queue.engine.connect() as conn:
        return list(reviews.tasks(conn))


def test_unflagged_subjects_are_drawn_once_a_month_and_the_draw_can_be_made_again(
    queue: Queue, city: Run
) -> None:
    payees(city, 40)
    told = {queue.warn(subject_kind="person", subject_id=f"P{i:03d}") for i in range(10)}
    assert learn_from_verdicts(city)["drawn"] == 5 and learn_from_verdicts(city)["drawn"] == 0
    drawn = [t["subject_id"] for t in tasks(queue)]
    flagged = [f"P{i:03d}" for i in range(10)]
    assert len(told) == 10 and not set(drawn) & set(flagged)
    with queue.engine.connect() as conn:
        seed = seeds.seed_of(conn, "review", "2026-03")
        kept = conn.execute(select(review_draw)).mappings().one()
    assert (kept["population"], kept["flagged"], kept["source_table"]) == (40, 10, "payout")
    files = city.lake.uris("ready", "payout", kept["source_version"])
    assert sample(files, "person_id", flagged, f"{seed}:{MODEL}", 5).subjects == tuple(drawn)
    assert not queue.letters() and queue.audited(MODEL)[0]["action"] == "draw_reviews"


def test_each_subject_is_as_likely_to_be_drawn(city: Run) -> None:
    payees(city, 20)
    files = city.lake.uris("ready", "payout", 0)
    drawn = [s for n in range(200) for s in sample(files, "person_id", [], f"k{n}", 5).subjects]
    counts = [drawn.count(f"P{i:03d}") for i in range(20)]
    assert sum(counts) == 1000 and min(counts) > 25 and max(counts) < 80  # 50 and four standard deviations


def test_a_table_that_has_not_come_is_waited_for_and_a_model_without_one_is_told(
    queue: Queue, city: Run
) -> None:
    assert learn_from_verdicts(city)["drawn"] == 0
    payees(city, 0)
    assert learn_from_verdicts(city)["drawn"] == 0
    payees(city, 10)
    assert learn_from_verdicts(city)["drawn"] == 5
    model = city.content.models[MODEL]
    away = model.model_copy(
        update={"id": "subsidy.away", "subject": model.subject.model_copy(update={"column": "no"})}
    )
    assert population_table(away) is None
    other = replace(city, content=replace(city.content, models={away.id: away}))
    assert learn_from_verdicts(other)["no_population"] == 1
    with queue.engine.connect() as conn:
        outcome = conn.scalar(select(review_draw.c.outcome).where(review_draw.c.model == away.id))
    assert outcome == DrawOutcome.NO_POPULATION


def test_reviews_give_a_miss_rate(queue: Queue, city: Run) -> None:
    payees(city, 40)
    learn_from_verdicts(city)
    verdicts = [ReviewVerdict.MISSED, ReviewVerdict.UNCLEAR, *[ReviewVerdict.CLEAN] * 3]
    with queue.engine.begin() as conn:
        for task, verdict in zip(reviews.tasks(conn), verdicts, strict=True):
            reviews.decide(conn, task["id"], verdict, "已核对", "judge", queue.clock.now())
    with queue.engine.connect() as conn:
        (found,) = figures_by_model(conn, queue.clock.now(), SHIPPED.reviews)
    assert found.missed.rate is not None
    assert (found.missed.rate.n, found.missed.rate.share) == (4, 0.25)
    assert found.missed.recall is None and tasks(queue) == []


def test_a_review_belongs_to_its_supervisor(queue: Queue, city: Run) -> None:
    payees(city, 10)
    learn_from_verdicts(city)
    queue.add_user("second", "R5", None)
    task, now = tasks(queue)[0]["id"], queue.clock.now()
    with queue.engine.begin() as conn:
        with pytest.raises(TransitionError, match="不是监督员"):
            reviews.assign(conn, task, "steward", "judge", now)
        reviews.assign(conn, task, "second", "judge", now)
        with pytest.raises(TransitionError, match="已交给"):
            reviews.decide(conn, task, ReviewVerdict.CLEAN, "x", "judge", now)
        reviews.decide(conn, task, ReviewVerdict.CLEAN, "x", "second", now)
        with pytest.raises(TransitionError, match="已有结论"):
            reviews.decide(conn, task, ReviewVerdict.MISSED, "x", "second", now)
        assert (
            conn.scalar(select(func.count()).select_from(review_task).where(review_task.c.verdict.is_(None)))
            == 4
        )
    assert [a["action"] for a in queue.audited(str(task))] == ["assign_review", "review"]
