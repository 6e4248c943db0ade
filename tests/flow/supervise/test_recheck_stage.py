"""Re-supervision over the real queue: planned once, the model hears first, people look on their day, results move it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from supervise_queue import Queue, city_time
from test_supervise_act import TO_CLOSED, TO_VERIFYING, take, walk

from mingjian.content.loader import shipped_policy
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.draw import uniform
from mingjian.domain.errors import ContentError, TransitionError
from mingjian.domain.policy import Policy
from mingjian.domain.recheck import RecheckResult, Rerun
from mingjian.domain.roles import Role
from mingjian.run import Run
from mingjian.store import policies, rechecks, seeds
from mingjian.store.invariants import broken
from mingjian.store.tables import (
    model_run,
    monthly_seed,
    recheck_check,
    recheck_plan,
    warning,
    warning_decision,
)
from mingjian.supervise import dispatch, recheck
from mingjian.supervise.reading import version_read
from mingjian.supervise.recheck.plan import draw_key
from mingjian.supervise.recheck.result import give_result
from mingjian.warn.write import _reopen

R = Role


def drawing(version: int, share: float) -> Policy:
    """A policy that draws this share at random and nobody by risk."""
    shipped = shipped_policy()
    rechecks = shipped.rechecks.model_copy(update={"random_share": share, "risk_slope": 0})
    return shipped.model_copy(update={"version": version, "rechecks": rechecks})


NOBODY, EVERYBODY = drawing(2, 0), drawing(3, 1)


def on_day(queue: Queue, policy: Policy | None = None) -> Run:
    """The run of the clock's day, under this policy or the queue's own."""
    content = queue.run.content if policy is None else replace(queue.run.content, policy=policy)
    return replace(queue.run, content=content, as_of=queue.clock.now().astimezone(CITY_TZ).date())


def closed(queue: Queue, **columns: object) -> str:
    """A warning that went the whole road to CLOSED."""
    warned = queue.warn(**columns)
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_CLOSED)
    return warned


def plan(queue: Queue, warned: str):
    with queue.engine.connect() as conn:
        found = rechecks.plan_of(conn, warned)
    assert found is not None
    return found


def ran(queue: Queue, lake: dict[str, int] | None = None, outcome: str = "done") -> None:
    """The model has run today."""
    row = {"model_id": "subsidy.deceased_payee", "version": 1, "hash": "h", "outcome": outcome}
    with queue.engine.begin() as conn:
        conn.execute(insert(model_run).values(**row, as_of=on_day(queue).as_of, reads={"lake": lake or {}}))


def hit(queue: Queue, warned: str, reason: str) -> None:
    """The warn stage has decided about a further hit today."""
    row = {"warning_id": warned, "as_of": on_day(queue).as_of, "reason": reason, "level": "中", "score": 50}
    with queue.engine.begin() as conn:
        conn.execute(insert(warning_decision).values(**row, digest="d", decided_at=queue.clock.now()))
        if reason == "reopened":
            conn.execute(warning.update().where(warning.c.id == warned).values(reason="reopened"))
            _reopen(conn, on_day(queue), warned)


def give(queue: Queue, warned: str, result: str, actor: str = "sun", role: Role = R.R5, **said: str) -> str:
    with queue.engine.begin() as conn:
        return give_result(
            conn, queue.clock, warned, RecheckResult(result), actor, role, **said, terms=queue.terms
        )


def test_every_closing_is_decided_about_once_and_the_draw_can_be_made_again(queue: Queue) -> None:
    warned = [closed(queue) for _ in range(6)]
    first = recheck(on_day(queue))
    assert first["planned"] == 6 and recheck(on_day(queue))["planned"] == 0
    with queue.engine.connect() as conn:
        seed = seeds.seed_of(conn, "recheck", "2026-03")
        plans = conn.execute(select(recheck_plan)).mappings().all()
    assert seed is not None
    assert {p["warning_id"]: p["draw"] for p in plans} == {w: uniform(seed, draw_key(w, 1)) for w in warned}
    audited = [a["action"] for a in queue.audited(warned[0])]
    assert audited.count("plan_recheck") == 1 and queue.chain_holds()


def test_a_decision_names_the_policy_that_it_was_made_under(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    (made,) = [a for a in queue.audited(warned) if a["action"] == "plan_recheck"]
    assert made["detail"]["policy"] == NOBODY.version
    with queue.engine.connect() as conn:
        assert policies.known(conn)[NOBODY.version] == NOBODY


def test_other_shares_under_a_used_version_are_refused(queue: Queue) -> None:
    closed(queue)
    recheck(on_day(queue, NOBODY))
    closed(queue)
    with pytest.raises(ContentError, match="rechecks"):
        recheck(on_day(queue, drawing(NOBODY.version, 0.5)))


def test_the_seed_is_made_once_and_only_its_mark_is_told(queue: Queue) -> None:
    closed(queue)
    recheck(on_day(queue))
    told = queue.audited("recheck:2026-03")
    with queue.engine.connect() as conn:
        seed = conn.scalar(select(monthly_seed.c.seed))
        assert conn.scalar(select(func.count()).select_from(monthly_seed)) == 1
    assert len(told) == 1 and seed not in str(told[0]["detail"])


@pytest.mark.parametrize(
    ("level", "days"), [("高", [30, 90]), ("中", [60]), ("低", [90])], ids=["high", "medium", "low"]
)
def test_people_look_on_the_catalogues_days(queue: Queue, level: str, days: list[int]) -> None:
    warned = closed(queue, level=level)
    recheck(on_day(queue, EVERYBODY))
    _plan, checks = plan(queue, warned)
    today = on_day(queue).as_of
    assert [(c["due_on"] - today).days for c in checks] == days


def test_who_is_not_drawn_is_still_looked_at_by_the_model(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    decided, checks = plan(queue, warned)
    assert decided["reasons"] == ["not_sampled"] and not checks
    assert decided["watch_until"] == on_day(queue).as_of + timedelta(days=90)


def test_a_check_that_opens_and_passes_moves_nothing_that_the_unit_reads(queue: Queue) -> None:
    warned = closed(queue, level="高")
    recheck(on_day(queue, EVERYBODY))
    before, order = queue.warning(warned), queue.order(warned)
    queue.clock.move(days=30)
    assert recheck(on_day(queue, EVERYBODY))["opened"] == 1
    give(queue, warned, "ok")
    after = queue.warning(warned)
    assert after["version"] == before["version"] + 2
    assert version_read(after, sees_rechecks=False) == version_read(before, sees_rechecks=False)
    assert queue.order(warned) == order


def test_unsatisfied_but_closed_is_always_looked_at(queue: Queue) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_CLOSED[:-3])
    take(queue, warned, "visit_back", "chen", R.R13, reason="unsatisfied")
    walk(queue, warned, "evaluate")
    take(queue, warned, "visit_back", "qian", R.R3, reason="unsatisfied")
    take(queue, warned, "exempt", "zhao", R.R4, reason="EX01", note="已当面解释政策依据")
    recheck(on_day(queue, NOBODY))
    assert plan(queue, warned)[0]["reasons"] == ["unsatisfied"]


def test_the_day_brings_the_check_and_the_unit_gets_no_letter(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, EVERYBODY))
    letters = len(queue.letters())
    queue.clock.move(days=59)
    assert recheck(on_day(queue, EVERYBODY))["opened"] == 0
    queue.clock.move(days=1)
    assert recheck(on_day(queue, EVERYBODY))["opened"] == 1
    assert recheck(on_day(queue, EVERYBODY))["opened"] == 0
    check = plan(queue, warned)[1][0]
    assert (check["state"], queue.warning(warned)["status"]) == ("due", "recheck")
    assert check["result_due"] == city_time(
        5, 11, 18
    )  # the fifth working day: 1 to 5 May are holidays, the 9th is not
    assert len(queue.letters()) == letters
    assert queue.order(warned)["state"] == "closed" and queue.order(warned)["next_check"] is None


def test_a_serious_matter_goes_back_to_wait_and_is_archived_after_its_last_check(queue: Queue) -> None:
    warned = closed(queue, level="高")
    recheck(on_day(queue))
    for days, state in ((30, "closed"), (60, "archived")):
        queue.clock.move(days=days)
        recheck(on_day(queue))
        assert give(queue, warned, "ok") == state
    assert [c["result"] for c in plan(queue, warned)[1]] == ["ok", "ok"]
    assert queue.warning(warned)["closed_at"] == city_time(3, 2)


def test_archiving_before_the_last_check_is_refused(queue: Queue) -> None:
    warned = closed(queue, level="高")
    recheck(on_day(queue))
    queue.clock.move(days=30)
    recheck(on_day(queue))
    with pytest.raises(TransitionError, match="还有排定"):
        take(queue, warned, "archive", "sun", R.R5)


def due(queue: Queue) -> str:
    """A warning whose recheck is due."""
    warned = closed(queue)
    recheck(on_day(queue, EVERYBODY))
    queue.clock.move(days=60)
    recheck(on_day(queue, EVERYBODY))
    return warned


@pytest.mark.parametrize(
    ("result", "reason", "state", "tier"),
    [
        ("ok", "", "archived", 1),
        ("partial", "RC01", "leader_takeover", 2),
        ("false", "RC12 照片重复", "verifying", 3),
    ],
    ids=["ok", "partial", "false"],
)
def test_a_result_moves_the_matter(queue: Queue, result: str, reason: str, state: str, tier: int) -> None:
    warned = due(queue)
    assert give(queue, warned, result, reason=reason, note="现场核查") == state
    check = plan(queue, warned)[1][0]
    assert (check["state"], check["result"], check["actor"]) == ("done", result, "sun")
    assert (queue.warning(warned)["status"], queue.order(warned)["tier"]) == (state, tier)


def test_half_the_limit_runs_from_the_result(queue: Queue) -> None:
    warned = due(queue)
    give(queue, warned, "false", reason="RC11", note="现场核查")
    order = queue.order(warned)
    assert order["finish_due"] == city_time(5, 11, 18)  # five working days, half of ten
    assert order["light"] == "none" and order["finished_at"] is None


@pytest.mark.parametrize(
    ("result", "actor", "role", "reason", "says"),
    [
        ("ok", "zhao", R.R5, "", "办结该事项"),
        ("ok", "li", R.R5, "", "自己办理"),
        ("partial", "sun", R.R5, "不到位", "RC01"),
        ("false", "sun", R.R5, "RC01", "RC11"),
        ("ok", "qian", R.R4, "", "R4"),
    ],
)
def test_a_result_by_the_wrong_person_or_without_its_code_is_refused(
    queue: Queue, result: str, actor: str, role: Role, reason: str, says: str
) -> None:
    warned = due(queue)
    with pytest.raises(TransitionError, match=says):
        give(queue, warned, result, actor, role, reason=reason)
    assert plan(queue, warned)[1][0]["state"] == "due"


def test_a_result_without_a_due_check_is_refused(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, EVERYBODY))
    with pytest.raises(TransitionError, match="没有待办"):
        give(queue, warned, "ok")


def test_a_supervisor_may_look_before_the_day(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    take(queue, warned, "recheck", "zhao", R.R4)
    check = plan(queue, warned)[1][0]
    assert (check["reason"], check["state"]) == ("manual", "due")
    assert give(queue, warned, "ok") == "archived"


def test_a_repeat_reopens_at_once_with_half_the_limit_one_tier_up(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, EVERYBODY))
    queue.clock.move(days=30)
    hit(queue, warned, "reopened")
    assert recheck(on_day(queue, EVERYBODY))["reopened"] == 1
    order = queue.order(warned)
    assert (queue.warning(warned)["status"], order["state"], order["tier"]) == ("verifying", "verifying", 2)
    assert order["finish_due"] == city_time(4, 9, 18)  # 1 April and five working days, the 6th a holiday
    decided, checks = plan(queue, warned)
    assert decided["rerun"] == Rerun.REPEAT and [c["state"] for c in checks] == ["dropped"]
    assert [letter["template"] for letter in queue.letters()].count("order_reopened") == 1
    again = recheck(on_day(queue, EVERYBODY))
    assert again["reopened"] == 0 and "rerun_repeat" not in again


@pytest.mark.parametrize(("times", "tier"), [(1, 2), (2, 3), (3, 3)])
def test_each_reopening_raises_the_tier(queue: Queue, times: int, tier: int) -> None:
    warned = closed(queue)
    for n in range(times):
        recheck(on_day(queue, NOBODY))
        queue.clock.move(days=20)
        hit(queue, warned, "reopened")
        recheck(on_day(queue, NOBODY))
        if n > 0:  # it came back a second time: the leader has it
            take(queue, warned, "hand_back", "mayor", R.R7, note="举一反三：无同类点位")
        assert queue.warning(warned)["status"] == "verifying"
        walk(queue, warned, *TO_CLOSED[TO_CLOSED.index("draft_finding") : -1])
        take(queue, warned, "close", "zhou", Role.R6, reason="satisfied")
    assert queue.order(warned)["tier"] == tier
    recheck(on_day(queue, NOBODY))
    assert plan(queue, warned)[0]["round"] == times + 1


def test_a_matter_reopened_before_anybody_decided_has_its_plan_and_no_check(queue: Queue) -> None:
    warned = closed(queue)
    queue.clock.move(days=1)
    hit(queue, warned, "reopened")
    recheck(on_day(queue, EVERYBODY))
    decided, checks = plan(queue, warned)
    assert decided["rerun"] == Rerun.REPEAT and not checks


def test_the_model_is_heard_only_on_newer_data(queue: Queue) -> None:
    warned = closed(queue, lake={"payout": 4})
    recheck(on_day(queue, NOBODY))
    heard = [plan(queue, warned)[0]["rerun"]]
    for lake, outcome in (({"payout": 4}, "done"), ({"payout": 5}, "failed"), ({"payout": 5}, "done")):
        queue.clock.move(days=1)
        ran(queue, lake, outcome)
        recheck(on_day(queue, NOBODY))
        heard.append(plan(queue, warned)[0]["rerun"])
    assert heard == ["model_not_run", "model_not_run", "model_not_run", "quiet"]


def test_without_a_run_the_plan_waits_past_its_window_and_says_so(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    queue.clock.move(days=200)
    recheck(on_day(queue, NOBODY))
    assert plan(queue, warned)[0]["rerun"] == "model_not_run"
    ran(queue)
    recheck(on_day(queue, NOBODY))
    assert plan(queue, warned)[0]["rerun"] == "quiet"


def test_the_same_facts_are_told_and_do_not_reopen(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    queue.clock.move(days=1)
    ran(queue)
    hit(queue, warned, "unchanged")
    assert recheck(on_day(queue, NOBODY))["reopened"] == 0
    assert (plan(queue, warned)[0]["rerun"], queue.warning(warned)["status"]) == ("unchanged", "closed")


def test_another_periods_warning_is_named(queue: Queue) -> None:
    warned = closed(queue)
    recheck(on_day(queue, NOBODY))
    queue.clock.move(days=31)
    subject = queue.warning(warned)
    other = queue.warn(subject_id=subject["subject_id"], bundle=subject["bundle"], period="2026-03")
    recheck(on_day(queue, NOBODY))
    decided = plan(queue, warned)[0]
    assert (decided["rerun"], decided["rerun_detail"]) == ("recurred", {"warning": other})


def false_positive(queue: Queue) -> str:
    """A 高 false positive, whose file is always reviewed."""
    queue.add_unit("MZ", "civil_affairs", "district", "150102")
    queue.add_unit("OTHER", None, "district", "150102")
    queue.add_user("judge", "R5", "OTHER")
    warned = queue.warn(level="高")
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
    take(queue, warned, "approve_fp", "judge", R.R5, reason="FP01")
    return warned


def test_a_false_positive_is_reviewed_and_keeps_its_state_when_it_stands(queue: Queue) -> None:
    warned = false_positive(queue)
    assert recheck(on_day(queue))["opened"] == 1
    assert plan(queue, warned)[0]["kind"] == "qa" and queue.warning(warned)["status"] == "closed_fp"
    with pytest.raises(TransitionError, match="办结该事项"):
        give(queue, warned, "ok", "judge", note="已复核")
    assert give(queue, warned, "ok", note="已复核") == "closed_fp"
    assert plan(queue, warned)[1][0]["result"] == "ok"
    with queue.engine.connect() as conn:  # what the log tells of steps is what the history has
        assert broken(conn) == []


def test_a_false_positive_that_was_none_goes_back_to_its_unit(queue: Queue) -> None:
    warned = false_positive(queue)
    recheck(on_day(queue))
    with pytest.raises(TransitionError, match="只有"):
        give(queue, warned, "partial", reason="RC01")
    assert give(queue, warned, "false", reason="RC21", note="身份证号一致") == "verifying"
    assert queue.order(warned)["tier"] == 2


def test_a_killed_stage_is_run_again_without_doubles(queue: Queue) -> None:
    """The plans are there, the rest is not: the next run does it, and no plan or check comes twice."""
    warned = due(queue)
    with queue.engine.connect() as conn:
        before = [conn.scalar(select(func.count()).select_from(t)) for t in (recheck_plan, recheck_check)]
    recheck(on_day(queue, EVERYBODY))
    with queue.engine.connect() as conn:
        after = [conn.scalar(select(func.count()).select_from(t)) for t in (recheck_plan, recheck_check)]
    assert before == after == [1, 1]
    assert [s["action"] for s in queue.steps(warned)].count("recheck") == 1
