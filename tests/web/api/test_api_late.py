"""A late part over the API and on the page, by a named light; what is reminded of stands in the history, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from api_client import Callers
from fastapi import FastAPI
from sqlalchemy import update

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.store.tables import supervision_order, warning
from mingjian.supervise import terms_of
from mingjian.supervise.late_evaluations import remind_late_evaluations
from mingjian.supervise.late_parts import remind_late_parts

PASSING = {"evidence": 4, "truth": 4, "cause": 3, "redress": 5}


@pytest.fixture
def asked(call: Callers) -> datetime:
    """A unit was asked for a part in A1; the day by which it is due."""
    assert call("dispatcher").step("A1", "add_co_handler", unit_id="ca-b", note="核对户籍").status_code == 201
    return datetime.fromisoformat(part(call)["due"])


def part(call: Callers) -> dict[str, Any]:
    """The unit beside the lead as the lead reads it; a session ends overnight, so each reading has its own."""
    (row,) = call("clerk").get("/warnings/A1/co-handlers").json()["co_handlers"]
    return dict(row)


def panel(call: Callers, language: str) -> str:
    """The part of the page that shows the units beside."""
    page = call("clerk").client.get(f"/warnings/A1?lang={language}").text
    return page.partition('id="h-beside"')[2].partition("</section>")[0]


def test_a_part_is_lit_in_its_last_days_and_when_it_is_late(
    call: Callers, clock: MovableClock, asked: datetime
) -> None:
    urgent = terms_of(call("clerk").office.content).calendar.opens_before(asked, 2)
    lights = {
        urgent - timedelta(minutes=1): ("none", "正常"),
        urgent: ("urgent", "紧急"),
        asked - timedelta(minutes=1): ("urgent", "紧急"),
        asked: ("alarm", "警报"),
    }
    for moment, shown in lights.items():
        clock.at = moment
        assert (part(call)["light"], part(call)["light_label"]) == shown
    assert '<span class="light light-alarm">警报</span>' in panel(call, "zh")
    assert '<span class="light light-alarm">Overdue</span>' in panel(call, "en")


@pytest.mark.parametrize("ends", ["handed in", "suspended"])
def test_a_part_that_nobody_waits_for_is_not_lit(
    call: Callers, clock: MovableClock, asked: datetime, ends: str
) -> None:
    clock.at = asked
    if ends == "handed in":
        assert call("clerk_b").step("A1", "co_report", note="户籍已核").status_code == 201
    else:
        said = {"reason": "法院裁定", "note": "裁定书 2026-03-12"}
        assert call("dispatcher").step("A1", "suspend", **said).status_code == 201
    assert part(call)["light"] == "none" and "light-" not in panel(call, "zh")


def test_the_reminder_stands_in_the_history_in_both_languages(
    call: Callers, clock: MovableClock, asked: datetime
) -> None:
    clock.at = asked
    assert remind_late_parts(call("clerk").office.engine, clock) == 1
    when = asked.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M")
    page = call("clerk").client.get("/warnings/A1").text
    assert "协办意见逾期，已提醒" in page and f"ca-b，期限 {when}" in page
    english = call("clerk").client.get("/warnings/A1?lang=en").text
    assert "A co-handling part is late: reminded" in english and f"ca-b, due {when}" in english
    (step,) = [
        s for s in call("clerk").get("/warnings/A1/steps").json()["steps"] if s["action"] == "co_part_late"
    ]
    assert (step["reason"], step["note"], step["label"]) == ("ca-b", when, "协办意见逾期，已提醒")


@pytest.fixture
def late_contact(call: Callers, api_app: FastAPI, clock: MovableClock) -> str:
    """A2 waited for a second contact until its day passed, and the sweep has come by."""
    engine = api_app.state.office.engine
    with engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A2").values(status="evaluating"))
        of_matter = supervision_order.c.warning_id == "A2"
        conn.execute(update(supervision_order).where(of_matter).values(state="evaluating"))
    assert call("dispatcher").step("A2", "visit_back", reason="unsatisfied").status_code == 201
    scores = {"scores": PASSING}
    assert call("inspector").step("A2", "evaluate", evaluation=scores).status_code == 201
    clock.move(days=7)
    assert remind_late_evaluations(engine, clock, terms_of(api_app.state.office.content)) == 1
    return "A2"


def test_the_page_says_by_when_the_second_contact_was_due_and_that_it_was_reminded_of(
    call: Callers, late_contact: str
) -> None:
    page = call("inspector").client.get(f"/warnings/{late_contact}").text
    assert "再次联系期限" in page and "评价后续逾期，已提醒" in page and "由另一人再次联系群众，期限" in page
    english = call("inspector").client.get(f"/warnings/{late_contact}?lang=en").text
    assert "What follows the evaluation is late: reminded" in english


def test_a_visitor_does_not_read_from_a_reminder_what_the_supervisor_found(
    call: Callers, late_contact: str
) -> None:
    visitor, inspector = call("visitor"), call("inspector")
    path = f"/warnings/{late_contact}/steps"
    assert "evaluation_late" in inspector.get(path).text
    answer = visitor.get(path)
    assert answer.status_code == 200 and "evaluation_late" not in answer.text
    assert "评价后续" not in visitor.client.get(f"/warnings/{late_contact}").text
