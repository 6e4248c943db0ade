"""Double evaluation over the real queue: who may say what, and what follows from both sides (catalogue §4.6)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from supervise_queue import Queue, city_time
from supervise_road import FAILING, ROAD, R, passing, sent_out, take, walk

from mingjian.domain.errors import TransitionError
from mingjian.domain.evaluation import Respondent, Scores
from mingjian.store import evaluations
from mingjian.store.tables import card

TO_REPORT = list(ROAD)[: list(ROAD).index("visit_back")]
AGAIN = ("draft_report", "report", "accept_report")


def reported(queue: Queue, **columns: Any) -> str:
    """A matter whose report was accepted: both sides are asked now."""
    warned = sent_out(queue, **columns)
    walk(queue, warned, *TO_REPORT)
    return warned


def asked(queue: Queue, warned: str, outcome: str, actor: str = "chen", **said: Any) -> str:
    return take(queue, warned, "visit_back", R.R13, actor, reason=outcome, **said)


def scored(queue: Queue, warned: str, scores: Scores, role: R = R.R4) -> str:
    return take(queue, warned, "evaluate", role, scores=scores)


def unsatisfied_twice(queue: Queue, warned: str) -> None:
    asked(queue, warned, "unsatisfied")
    scored(queue, warned, passing())
    asked(queue, warned, "unsatisfied", "wu")


def cards(queue: Queue) -> list[str]:
    with queue.engine.connect() as conn:
        return list(conn.scalars(select(card.c.color).order_by(card.c.id)))


@pytest.mark.parametrize("first", ["public", "supervisor"])
def test_satisfied_and_pass_may_be_closed_by_the_office_whoever_spoke_first(queue: Queue, first: str) -> None:
    warned = reported(queue)
    steps = {
        "public": lambda: asked(queue, warned, "satisfied"),
        "supervisor": lambda: scored(queue, warned, passing()),
    }
    steps.pop(first)()
    with pytest.raises(TransitionError, match="尚未"):
        take(queue, warned, "close", R.R5, reason="satisfied")
    steps.popitem()[1]()
    assert queue.warning(warned)["status"] == "evaluating"
    assert take(queue, warned, "close", R.R5, reason="satisfied") == "closed"


@pytest.mark.parametrize(("outcome", "tier", "color"), [("satisfied", 1, []), ("unsatisfied", 2, ["yellow"])])
def test_a_result_that_fails_goes_back_by_itself_with_half_the_limit(
    queue: Queue, outcome: str, tier: int, color: list[str]
) -> None:
    warned = reported(queue)
    asked(queue, warned, outcome)
    assert scored(queue, warned, FAILING) == "rectifying"
    order = queue.order(warned)
    assert (order["tier"], order["state"], order["finished_at"]) == (tier, "rectifying", None)
    assert order["finish_due"] == city_time(3, 16, 18)  # ten of twenty working days
    assert cards(queue) == color
    last = queue.steps(warned)[-1]
    assert (last["action"], last["actor"]) == ("return_rectify", "system")
    assert last["reason"] == ("rework" if outcome == "satisfied" else "escalate")
    assert [x["template"] for x in queue.letters()].count("sent_back") == 1
    assert queue.chain_holds()


def test_unsatisfied_and_pass_is_contacted_again_by_another_officer_in_three_days(queue: Queue) -> None:
    warned = reported(queue)
    asked(queue, warned, "unsatisfied", note="仍有积水")
    with pytest.raises(TransitionError, match="待监督评价"):
        asked(queue, warned, "satisfied", "wu")
    assert scored(queue, warned, passing()) == "evaluating"
    with queue.engine.connect() as conn:
        first, second = evaluations.of_warning(conn, warned)
    assert (first["due"], second["due"]) == (None, city_time(3, 5, 18))
    with pytest.raises(TransitionError, match="另一人"):
        asked(queue, warned, "satisfied", "chen")
    with pytest.raises(TransitionError, match="再次联系"):
        take(queue, warned, "close", R.R5, reason="satisfied")
    asked(queue, warned, "satisfied", "wu")
    assert take(queue, warned, "close", R.R5, reason="satisfied") == "closed"


def test_a_demand_outside_law_is_explained_and_closed(queue: Queue) -> None:
    warned = reported(queue)
    asked(queue, warned, "unsatisfied")
    scored(queue, warned, passing())
    with pytest.raises(TransitionError, match="双重评价"):
        take(queue, warned, "exempt", R.R4, reason="EX01", note="已解释")
    asked(queue, warned, "unsatisfied", "wu")
    with pytest.raises(TransitionError, match="EX01"):
        take(queue, warned, "exempt", R.R4, reason="太难", note="已解释")
    with pytest.raises(TransitionError, match="解释"):
        take(queue, warned, "exempt", R.R4, reason="EX01")
    with pytest.raises(TransitionError, match="仍不满意"):
        take(queue, warned, "close", R.R4, reason="satisfied")
    assert take(queue, warned, "exempt", R.R4, reason="EX01", note="已解释政策依据") == "closed"
    assert queue.warning(warned)["closed_at"] == queue.clock.now()


def test_the_second_unsatisfied_round_stands_at_the_third_tier(queue: Queue) -> None:
    warned = reported(queue)
    unsatisfied_twice(queue, warned)
    take(queue, warned, "return_rectify", R.R4, reason="诉求合理")
    assert queue.order(warned)["tier"] == 1 and cards(queue) == ["blue"]
    walk(queue, warned, *AGAIN)
    unsatisfied_twice(queue, warned)
    take(queue, warned, "return_rectify", R.R4, reason="诉求合理")
    assert queue.order(warned)["tier"] == 3 and cards(queue) == ["blue", "red"]


def test_three_tries_on_three_days_then_the_public_counts_as_not_reached(queue: Queue) -> None:
    warned = reported(queue)
    scored(queue, warned, passing())
    for _ in range(3):
        asked(queue, warned, "not_reached")
        with pytest.raises(TransitionError, match=r"今天已联系过|不再联系"):
            asked(queue, warned, "not_reached", "wu")
        queue.clock.move(days=1)
    with pytest.raises(TransitionError, match="不再联系"):
        asked(queue, warned, "satisfied")
    assert take(queue, warned, "close", R.R5, reason="not_reached") == "closed"
    with queue.engine.connect() as conn:
        found = evaluations.satisfaction(
            conn, [queue.warning(warned)["unit_id"]], city_time(1, 1), city_time(12, 1)
        )
    assert [(s.evaluated, s.not_reached, s.share) for s in found] == [(0, 1, None)]


def test_not_reached_and_fail_goes_back(queue: Queue) -> None:
    warned = reported(queue)
    scored(queue, warned, FAILING)
    for _ in range(2):
        assert asked(queue, warned, "not_reached") == "evaluating"
        queue.clock.move(days=1)
    assert asked(queue, warned, "not_reached") == "rectifying"


def test_an_interruption_does_not_undo_what_was_said(queue: Queue) -> None:
    warned = reported(queue)
    walk(queue, warned, "visit_back", "evaluate")
    take(queue, warned, "suspend", R.R5, reason="法院裁定", note="裁定书 2026-03-02")
    take(queue, warned, "resume", R.R5)
    assert take(queue, warned, "close", R.R5, reason="satisfied") == "closed"


@pytest.mark.parametrize(
    "scores", [None, Scores(), Scores({"truth": 3}), passing(truth=6), Scores({"manner": 3})]
)
def test_a_supervisor_scores_every_point(queue: Queue, scores: Scores | None) -> None:
    warned = reported(queue)
    with pytest.raises(TransitionError, match="四项"):
        take(queue, warned, "evaluate", R.R4, scores=scores)


def test_a_supervisor_scores_once_a_round_and_does_not_call_back(queue: Queue) -> None:
    warned = reported(queue)
    scored(queue, warned, passing())
    with pytest.raises(TransitionError, match="本轮已作"):
        scored(queue, warned, FAILING)
    with pytest.raises(TransitionError, match="监督评价人"):
        take(queue, warned, "visit_back", R.R3, "zhao", reason="satisfied")


def test_who_was_asked_is_kept_and_a_village_needs_its_sample(queue: Queue) -> None:
    warned = reported(queue, subject_kind="village")
    for few in (None, 4):
        with pytest.raises(TransitionError, match="抽访至少 5 户"):
            asked(
                queue,
                warned,
                "satisfied",
                scores=Scores(respondent=Respondent.OWNER_AND_SAMPLE, households=few),
            )
    said = Scores({"result": 4}, True, Respondent.OWNER_AND_SAMPLE, 5)
    asked(queue, warned, "satisfied", scores=said)
    with queue.engine.connect() as conn:
        (row,) = evaluations.of_warning(conn, warned)
    kept = (row["respondent"], row["households"], row["resolved"], row["scores"])
    assert kept == ("owner_and_sample", 5, True, {"result": 4})


def test_satisfaction_counts_the_last_word_on_each_matter_and_leaves_out_what_was_exempted(
    queue: Queue,
) -> None:
    happy, unhappy, refused = reported(queue), reported(queue), reported(queue)
    asked(queue, happy, "satisfied")
    asked(queue, unhappy, "unsatisfied")
    unsatisfied_twice(queue, refused)
    units = {queue.warning(w)["unit_id"] for w in (happy, unhappy, refused)}
    with queue.engine.connect() as conn:
        (found,) = evaluations.satisfaction(conn, units, city_time(3, 1), city_time(4, 1))
    assert (found.evaluated, found.satisfied) == (3, 1)
    take(queue, refused, "exempt", R.R4, reason="EX02", note="已解释")
    with queue.engine.connect() as conn:
        (found,) = evaluations.satisfaction(conn, units, city_time(3, 1), city_time(4, 1))
        assert evaluations.satisfaction(conn, units, city_time(4, 1), city_time(5, 1)) == []
    assert (found.evaluated, found.satisfied, found.share) == (2, 1, 0.5)
