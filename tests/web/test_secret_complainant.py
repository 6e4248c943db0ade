"""A complainant who asked for secrecy is invisible to the unit complained about: on no page, in no answer, letter, message or log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from routes_of import routes_of
from sqlalchemy import Engine, delete, insert, or_, select
from web_city import NOW, PASSWORD, SignIn, csrf_of, order_row, token, warning_row

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.domain.complainant import names_one
from mingjian.report.facts import gather
from mingjian.report.reminder import write_reminder
from mingjian.store.tables import (
    audit_log,
    co_handler,
    order_step,
    outbox,
    supervision_order,
    unmask_request,
    warning,
)
from mingjian.store.users import create_user
from mingjian.supervise.calendar import CITY_CALENDAR
from mingjian.web.masking import mark

WHO, PERSON, HOME = token("the complainant"), token("the person"), "AD77123"
PHONE, TEXT, STREET = "13800138000", "楼上公司彻夜施工", "幸福里三号楼二单元"
REQUEST = {
    "service_request_id": "SR9", "description": f"{TEXT}，请打 {PHONE}", "address": STREET, "address_id": HOME,
    "complainant_hash": WHO, "person_id": PERSON, "lat": 40.8412, "reply_text": f"已致电 {PHONE}",
    "topic_l3": "噪声", "request_kind": "report",
}  # fmt: skip
SECRETS = (WHO, WHO[:6], PERSON, PERSON[:6], HOME, mark(HOME), PHONE, TEXT, STREET, "40.8412")
IDS = ("SEC1", "SEC2", "SEC3")


def _row(id: str, kind: str, subject: str, is_secret: bool | None, **over: object) -> dict[str, object]:
    evidence = [
        {
            "table": "complaint",
            "key": {"service_request_id": "SR9"},
            "row": {**REQUEST, "is_secret": is_secret},
        }
    ]
    return warning_row(
        id,
        unit_id="ca-a",
        status="dispatched",
        subject_kind=kind,
        subject_id=subject,
        bundle=f"{kind}:{subject}",
        evidence=evidence,
        measures={"issue": subject, "complainant_hash": WHO, "address_id": HOME, "times": 3},
        **over,
    )


@pytest.fixture
def planted(city: Engine) -> Iterator[Engine]:
    """Three warnings on the accused unit's desk: by home, by complainant, and one whose rows do not say."""
    rows = [
        _row("SEC1", "complaint_group", f"{HOME}|噪声", True, fingerprint=token("secret print")),
        _row("SEC2", "complainant", WHO, True),
        _row("SEC3", "complaint_subject", f"place|{HOME}|噪声", None),
    ]
    with city.begin() as conn:
        conn.execute(insert(warning), rows)
        conn.execute(insert(supervision_order), [order_row(id, "ca-a") for id in IDS])
        create_user(conn, "head", "单位负责人", "R2", "ca-a", "own_org", PASSWORD)
    yield city
    issued = supervision_order.c.warning_id.in_(IDS)
    with city.begin() as conn:
        orders = list(conn.scalars(select(supervision_order.c.id).where(issued)))
        conn.execute(delete(order_step).where(order_step.c.object_id.in_([*IDS, *orders])))
        conn.execute(delete(supervision_order).where(issued))
        conn.execute(delete(warning).where(warning.c.id.in_(IDS)))


def _everything(client: TestClient, app: FastAPI) -> Iterator[tuple[str, str]]:
    """(address, text) of every page and answer this reader can fetch, lists in every state."""
    for method, template in routes_of(app):
        if method != "GET":
            continue
        for id in IDS if "{warning_id}" in template else ("",):
            path = template.replace("{warning_id}", id).replace("{request_id}", "none")
            for query in ("", "?status=all", "?status=all&lang=en"):
                answer = client.get(path + query)
                yield path + query, answer.text + str(answer.headers)
    client.get("/?lang=zh")


def test_the_accused_unit_reads_nothing_of_the_complainant(
    app: FastAPI, signed_in: SignIn, planted: Engine
) -> None:
    for account in ("clerk", "head"):
        read = dict(_everything(signed_in(account), app))
        assert "SEC1" in read["/warnings?status=all"]
        assert "SR9" in read["/warnings/SEC1"]  # the matter itself it must know
        leaks = [(path, secret) for path, text in read.items() for secret in SECRETS if secret in text]
        assert leaks == []


def test_a_co_handling_unit_that_may_be_the_accused_reads_nothing_of_the_complainant(
    app: FastAPI, signed_in: SignIn, planted: Engine
) -> None:
    asked = {"unit_id": "ca-b", "state": "asked", "why": "dispatcher", "asked_by": "x", "asked_at": NOW}
    with planted.begin() as conn:
        conn.execute(insert(co_handler), [{"warning_id": id, **asked} for id in IDS])
    try:
        read = dict(_everything(signed_in("clerk_b"), app))
        assert "SEC1" in read["/warnings?status=all"] and "SR9" in read["/warnings/SEC1"]
        assert [(path, secret) for path, text in read.items() for secret in SECRETS if secret in text] == []
    finally:
        with planted.begin() as conn:
            conn.execute(delete(co_handler))


def test_a_supervisor_may_know_so_the_test_above_can_fail(signed_in: SignIn, planted: Engine) -> None:
    text = signed_in("inspector").get("/warnings/SEC1").text
    assert WHO[:6] in text and HOME in text


def test_what_is_expressly_no_secret_is_read_by_the_handler(signed_in: SignIn, planted: Engine) -> None:
    with planted.begin() as conn:
        open_row = _row("SEC3", "complaint", "SR9", False)
        conn.execute(warning.update().where(warning.c.id == "SEC3").values(**open_row))
    text = signed_in("clerk").get("/warnings/SEC3").text
    assert STREET in text and PHONE in text


def test_an_approved_request_does_not_lead_the_accused_to_the_complainant(
    signed_in: SignIn, planted: Engine
) -> None:
    clerk, inspector = signed_in("clerk"), signed_in("inspector")
    fields = ["identity", "free_text", "birth_date"]
    form = {"fields": fields, "sight": "2", "purpose": "verify", "reason": "x", "hours": "2"}
    clerk.post("/warnings/SEC1/unmask", data={"csrf": csrf_of(clerk.get("/warnings").text), **form})
    approvals = inspector.get("/approvals").text
    id = approvals.split('action="/approvals/')[1].split('"')[0]
    sent = {"csrf": csrf_of(approvals), "decision": "approve", "reason": "y"}
    assert inspector.post(f"/approvals/{id}", data=sent).status_code == 303
    text = clerk.get("/warnings/SEC1").text
    assert 'class="watermark"' in text
    assert [secret for secret in SECRETS if secret in text] == []
    with planted.begin() as conn:
        conn.execute(delete(unmask_request))


def test_letters_messages_and_logs_name_nobody(
    signed_in: SignIn,
    planted: Engine,
    web_content: Content,
    repo: Path,
    clock: MovableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with planted.begin() as conn:
        conn.execute(delete(supervision_order).where(supervision_order.c.id == "DSEC3"))
        conn.execute(warning.update().where(warning.c.id == "SEC3").values(status="triaged"))
        create_user(conn, "dispatcher", "分办员", "R3", None, "city", PASSWORD)
    _step(signed_in("dispatcher"), "SEC3", "dispatch", unit_id="ca-a")
    _step(signed_in("clerk"), "SEC1", "sign")
    _step(signed_in("clerk"), "SEC1", "accept")
    with planted.connect() as conn:
        late = clock.now() + timedelta(days=40)
        issued = supervision_order.c.warning_id.in_(IDS)
        orders = list(conn.scalars(select(supervision_order.c.id).where(issued)))
        letters = [gather(conn, web_content, id, late, CITY_CALENDAR) for id in orders]
        messages = str(conn.execute(select(outbox.c.recipient, outbox.c.payload)).all())
        about = or_(*(audit_log.c.object_id.contains(id) for id in (*IDS, *orders)))
        logged = str(conn.execute(select(audit_log).where(about)).all())
    assert len(letters) == 3
    assert all(id in messages for id in orders if "SEC3" in id) and "dispatch" in logged
    said = [write_reminder(repo, facts, lang).html for facts in letters for lang in ("zh", "en")]
    said += [messages, logged, caplog.text]
    assert [secret for text in said for secret in SECRETS if secret in text] == []


def _step(client: TestClient, id: str, action: str, **said: str) -> None:
    form = {"csrf": csrf_of(client.get(f"/warnings/{id}").text), "action": action, **said}
    assert client.post(f"/warnings/{id}/steps", data=form).status_code == 303


@pytest.mark.parametrize(
    ("kind", "id", "named"),
    [
        ("complaint_group", "AD1|噪声", True),
        ("complaint_subject", "place|AD1|噪声", True),
        ("place", "AD1|噪声", True),
        ("complaint_group", "G2026001", False),
        ("complaint_subject", "project|P1", False),
        ("complaint_subject", "company|C1", False),
        ("series", "150102|供暖", False),
        ("complainant", "any", True),
    ],
)
def test_which_subjects_name_a_complainant(kind: str, id: str, named: bool) -> None:
    assert names_one(kind, id) is named
