"""Exceptions, snoozes, stronger models and shadow: who is silenced, by what, and when the warning comes alive."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from warn_desk import Desk

from mingjian.domain.errors import NotFound
from mingjian.domain.model import Status
from mingjian.domain.reason import WarnReason as R
from mingjian.store import exceptions, snoozes
from mingjian.store.tables import warning

OTHER, STRONG, WEAK = "subsidy.other", "subsidy.strong", "subsidy.weak"


def except_it(desk: Desk, days: int, model: str | None = OTHER, subject: str = "S1") -> int:
    """List a subject as an exception from today for so many days."""
    entry = {
        "model": model, "subject_kind": "project", "subject_id": subject, "valid_from": desk.today,
        "valid_to": desk.today + timedelta(days=days), "reason": "已核准", "document": "明建函〔2026〕1号",
        "actor": "inspector",
    }  # fmt: skip
    with desk.engine.begin() as conn:
        return exceptions.add(conn, desk.run.clock.now(), **entry)


def test_an_exception_is_recorded_with_its_points_and_goes_to_nobody(desk: Desk) -> None:
    number = except_it(desk, days=3)
    mine, others = desk.see("S1", "S2")
    assert desk.walk() == {"findings": 2, R.EXCEPTION: 1, R.NEW: 1}
    assert desk.stands(mine) == ("recorded", "exception")
    assert desk.ordered() == {others}
    row = desk.warning(mine)
    assert row["score"] == 10
    assert row["score_parts"][-1]["points"] == -40 and "明建函〔2026〕1号" in row["score_parts"][-1]["zh"]
    assert desk.decisions(mine)[0][1:] == (
        "exception",
        {"exception": number, "document": "明建函〔2026〕1号"},
    )


def test_when_an_exception_ends_the_next_hit_wakes_the_warning(desk: Desk) -> None:
    except_it(desk, days=3)
    (mine,) = desk.see("S1")
    desk.walk()
    desk.later(3)
    desk.see("S1")
    desk.walk()
    assert desk.stands(mine) == ("recorded", "exception")
    desk.later(1)
    desk.see("S1")
    assert desk.walk() == {"findings": 1, R.WOKEN: 1}
    row = desk.warning(mine)
    assert (row["status"], row["score"], row["hits"]) == ("dispatched", 50, 3)
    assert desk.steps(mine) == ["wake", "triage", "dispatch"] == desk.audited(mine)


def test_an_exception_ended_early_holds_no_longer(desk: Desk) -> None:
    number = except_it(desk, days=300)
    (mine,) = desk.see("S1")
    desk.walk()
    desk.later(1)
    with desk.engine.begin() as conn:
        exceptions.end(conn, number, desk.today, "inspector", desk.run.clock.now())
        with pytest.raises(NotFound):
            exceptions.end(conn, number + 1, desk.today, "inspector", desk.run.clock.now())
    desk.see("S1")
    desk.walk()
    assert desk.stands(mine) == ("dispatched", "woken")
    assert desk.audited(str(number)) == ["list_exception", "end_exception"]


def test_an_exception_for_every_model_and_one_for_another(desk: Desk) -> None:
    except_it(desk, days=3, model=None, subject="S1")
    except_it(desk, days=3, model=STRONG, subject="S2")
    one, two = desk.see("S1", "S2")
    desk.walk()
    assert (desk.stands(one)[1], desk.stands(two)[1]) == ("exception", "new")


def test_a_snooze_silences_a_matter_of_the_same_model_and_subject_until_its_day(desk: Desk) -> None:
    desk.change(OTHER, subject=desk.run.content.models[OTHER].subject.model_copy(update={"kind": "person"}))
    (mine,) = desk.see("S1", level="高")
    desk.walk()
    assert desk.stands(mine) == ("new", "new")  # a serious warning about a person waits for a human
    desk.snooze(mine, days=7)
    desk.later(1)
    desk.see("S1", level="高")
    (next_period,) = desk.see("S1", level="高", period="2027")
    assert desk.walk() == {"findings": 2, R.SNOOZED: 2}
    assert desk.stands(mine) == desk.stands(next_period) == ("recorded", "snoozed")
    assert desk.decisions(mine)[-1][2] == {"snooze": 1, "until": "2026-03-09", "why": "等审计"}
    desk.later(7)
    desk.see("S1", level="高")
    desk.walk()
    assert desk.stands(mine) == ("new", "woken")
    assert desk.audited(mine) == ["snooze", "silence", "wake"]


def test_a_snooze_takes_no_order_away_and_keeps_a_closed_matter_closed(desk: Desk) -> None:
    ordered, closed = desk.see("S1", "S2")
    desk.walk()
    close(desk, closed)
    for one in (ordered, closed):
        desk.snooze(one, days=7)
    desk.later(1)
    desk.see("S1", "S2")
    assert desk.walk() == {"findings": 2, R.REPEATED: 1, R.SNOOZED: 1}
    assert desk.stands(ordered)[0] == "dispatched" and desk.stands(closed)[0] == "closed"
    desk.later(7)
    desk.see("S1", "S2", measures={"months": 2})
    assert desk.walk() == {"findings": 2, R.REPEATED: 1, R.REOPENED: 1}


def test_a_snooze_ended_early_holds_no_longer(desk: Desk) -> None:
    (mine,) = desk.see("S1")
    desk.walk()
    close(desk, mine)
    desk.snooze(mine, days=30)
    desk.later(1)
    with desk.engine.begin() as conn:
        assert snoozes.end(conn, mine, desk.today, "inspector", desk.run.clock.now()) == 1
        with pytest.raises(NotFound):
            snoozes.end(conn, mine, desk.today, "inspector", desk.run.clock.now())
    desk.see("S1", measures={"months": 2})
    assert desk.walk() == {"findings": 1, R.REOPENED: 1}


def test_a_closed_matter_seen_again_by_the_same_rows_stays_closed(desk: Desk) -> None:
    (mine,) = desk.see("S1")
    desk.walk()
    close(desk, mine)
    desk.later(1)
    desk.see("S1")
    assert desk.walk() == {"findings": 1, R.UNCHANGED: 1}
    assert desk.stands(mine) == ("closed", "unchanged")
    desk.later(1)
    desk.see("S1", measures={"months": 2})
    assert desk.walk() == {"findings": 1, R.REOPENED: 1}


def test_a_stronger_model_silences_the_weaker_on_the_same_subject_and_period(desk: Desk) -> None:
    (strong,) = desk.see("S1", model=STRONG, period="2026")
    (weak,) = desk.see("S1", model=WEAK, period="2026-03-01")
    (elsewhere,) = desk.see("S2", model=WEAK)
    (before,) = desk.see("S1", model=WEAK, period="2025")
    assert desk.walk() == {"findings": 4, R.NEW: 3, R.INHIBITED: 1}
    assert desk.stands(weak) == ("recorded", "inhibited")
    assert desk.decisions(weak)[0][2] == {"warning": strong}
    assert desk.ordered() == {strong, elsewhere, before}


def test_an_open_warning_silences_until_it_is_closed(desk: Desk) -> None:
    (strong,) = desk.see("S1", model=STRONG)
    desk.walk()
    desk.later(1)
    (weak,) = desk.see("S1", model=WEAK)
    desk.walk()
    assert desk.stands(weak) == ("recorded", "inhibited")
    close(desk, strong)
    desk.later(1)
    desk.see("S1", model=WEAK)
    assert desk.walk() == {"findings": 1, R.WOKEN: 1}


@pytest.mark.parametrize("silenced_by", ["exception", "shadow"])
def test_a_model_that_tells_nobody_silences_nobody(desk: Desk, silenced_by: str) -> None:
    if silenced_by == "exception":
        except_it(desk, days=3, model=STRONG)
    else:
        desk.change(STRONG, status=Status.SHADOW)
    (strong,) = desk.see("S1", model=STRONG)
    (weak,) = desk.see("S1", model=WEAK)
    desk.walk()
    assert desk.stands(strong) == ("recorded", silenced_by)
    assert desk.stands(weak) == ("dispatched", "new")


def test_a_model_taken_live_wakes_its_records_and_one_sent_back_silences_them(desk: Desk) -> None:
    desk.change(OTHER, status=Status.SHADOW)
    (mine,) = desk.see("S1", level="高")
    desk.walk()
    assert desk.stands(mine) == ("recorded", "shadow")
    desk.change(OTHER, status=Status.LIVE)
    desk.later(1)
    desk.see("S1", level="高", evidence=[])
    desk.walk()
    assert desk.stands(mine) == ("new", "woken")  # without evidence rows a human looks first
    desk.change(OTHER, status=Status.SHADOW)
    desk.later(1)
    desk.see("S1", level="高", evidence=[])
    desk.walk()
    assert desk.stands(mine) == ("recorded", "shadow")
    assert desk.steps(mine) == ["wake", "silence"]


def test_the_same_day_run_again_changes_nothing(desk: Desk) -> None:
    except_it(desk, days=3)
    mine, other = desk.see("S1", "S2")
    desk.walk()
    before = [desk.warning(one) for one in (mine, other)]
    assert desk.walk() == {"findings": 2, R.SEEN_TODAY: 2}
    assert [desk.warning(one) for one in (mine, other)] == before
    assert [len(desk.decisions(one)) for one in (mine, other)] == [1, 1]


def close(desk: Desk, warning_id: str) -> None:
    """Close a warning as the service leaves it."""
    at = datetime.combine(desk.today, datetime.min.time(), desk.run.clock.now().tzinfo)
    with desk.engine.begin() as conn:
        conn.execute(warning.update().where(warning.c.id == warning_id).values(status="closed", closed_at=at))
