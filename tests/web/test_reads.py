"""Who looked at a person's row, and for what duty, is in the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from web_city import ACCOUNTS, B, SignIn

from mingjian.content import Content
from mingjian.domain.purpose import Purpose, purpose_of
from mingjian.store import audit
from mingjian.store.identity import find_user
from mingjian.store.tables import audit_log
from mingjian.web.access import READ_WARNINGS, access_of
from mingjian.web.masking import Masker


def last_view(city: Engine) -> dict[str, Any]:
    """The newest row, but for refusals: those are no readings."""
    with city.connect() as conn:
        told = select(audit_log).where(audit_log.c.action != "refused")
        row = conn.execute(told.order_by(audit_log.c.id.desc()).limit(1)).mappings().one()
    return dict(row)


@pytest.mark.parametrize(
    ("url", "where"), [("/warnings?district={}", "page"), ("/api/v1/warnings?district={}", "api")]
)
def test_a_list_leaves_one_row_with_the_ids_of_persons(
    signed_in: SignIn, city: Engine, url: str, where: str
) -> None:
    signed_in("inspector").get(
        url.format(B)
    )  # B2's model is gone: nobody can say that it is not about a person
    row = last_view(city)
    assert (row["actor"], row["action"], row["object_kind"], row["object_id"]) == (
        "inspector", "view", "warnings", where,
    )  # fmt: skip
    assert row["detail"] == {"purpose": "supervise", "mask": "L1", "count": 3, "ids": ["B1", "B3", "B2"]}


def test_a_list_without_persons_leaves_none(signed_in: SignIn, city: Engine) -> None:
    before = last_view(city)["id"]
    assert signed_in("inspector").get("/api/v1/warnings?district=150999").json()["warnings"] == []
    assert last_view(city)["id"] == before


@pytest.mark.parametrize("url", ["/warnings/A1", "/api/v1/warnings/A1"])
@pytest.mark.parametrize(
    ("account", "purpose", "mask"), [("clerk", "handle", "L2"), ("inspector", "supervise", "L1")]
)
def test_a_case_leaves_a_row_with_duty_mask_and_what_stood_beside_it(
    signed_in: SignIn, city: Engine, url: str, account: str, purpose: str, mask: str
) -> None:
    assert signed_in(account).get(url).status_code == 200
    row = last_view(city)
    assert (row["actor"], row["object_kind"], row["object_id"]) == (account, "warning", "A1")
    assert row["detail"] == {"purpose": purpose, "mask": mask, "beside": ["C1"]}
    with city.connect() as conn:
        assert audit.verify(conn) is None


def test_what_was_refused_was_not_read(signed_in: SignIn, city: Engine) -> None:
    before = last_view(city)["id"]
    for account in ("clerk", "auditor", "leader"):
        for url in ("/warnings/B1", "/api/v1/warnings/B1"):
            assert signed_in(account).get(url).status_code in (303, 403, 404)
    assert last_view(city)["id"] == before


def test_a_thing_is_not_a_person(web_content: Content, city: Engine) -> None:
    like = web_content.models["subsidy.deceased_payee"]
    about = like.subject.model_copy(update={"kind": "project", "column": "project_id"})
    content = replace(web_content, models={"realty.late": like.model_copy(update={"subject": about})})
    with city.connect() as conn:
        user = find_user(conn, "inspector")
    assert user is not None
    masker = Masker(content, access_of(user))
    assert not masker.is_personal("project", "realty.late")
    assert masker.is_personal("person", "realty.late")
    assert masker.is_personal("project", "realty.gone")


def test_every_role_that_reads_cases_has_a_duty() -> None:
    assert {purpose_of(role) for role in READ_WARNINGS} == set(Purpose) - {Purpose.OPERATE}
    assert all(purpose_of(role) for _name, role, *_rest in ACCOUNTS.values() if role in READ_WARNINGS)
