"""Seeing what a page hides: a second person agrees, for hours, on one warning, watermarked, each look audited."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from web_city import PASSWORD, SignIn, csrf_of, token, warning_row

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.roles import Role
from mingjian.domain.unmask import APPROVERS, MAY_ASK, Asked, Refusal, Sight, refuse_deciding
from mingjian.store.tables import audit_log, unmask_request, vault, warning
from mingjian.store.users import create_user
from mingjian.store.vault import Original, Vault
from mingjian.web.viewer import Office

NAME, ACCOUNT, NUMBER = "张三丰", "6222020602001234567", "150102195604051234"
TOKENS = {
    token("U1"): Original("person", NUMBER),
    token("accountU1"): Original("account", ACCOUNT),
    token("name"): Original("name", NAME),
}
EVIDENCE = [
    {"table": "person", "key": {"person_id": token("U1")},
     "row": {"person_id": token("U1"), "name_hash": token("name"), "birth_date": "1956-04-05"}},
    {"table": "payout", "key": {"payout_id": "P1"},
     "row": {"payout_id": "P1", "month": "2026-01-01", "account_hash": token("accountU1")}},
]  # fmt: skip


@pytest.fixture
def case(city: Engine, app: FastAPI) -> Iterator[Office]:
    """A warning U1 whose tokens the vault knows, a level-2 supervisor, and no request yet."""
    office: Office = app.state.office
    with city.begin() as conn:
        conn.execute(
            insert(warning).values(**warning_row("U1", unit_id="ca-a", status="verifying", evidence=EVIDENCE))
        )
        create_user(conn, "second", "二级督导", "R5", None, "city", PASSWORD)
        create_user(conn, "steward", "模型管理员", "R9", None, "city", PASSWORD)
        conn.execute(delete(vault))
        office.vault.put_many(conn, TOKENS)
    yield office
    with city.begin() as conn:
        conn.execute(delete(unmask_request))
        conn.execute(delete(warning).where(warning.c.id == "U1"))


def _ask(client: TestClient, **said: object) -> int:
    form = {
        "fields": ["identity", "birth_date"],
        "sight": "3",
        "purpose": "verify",
        "reason": "核对死亡登记",
        "hours": "2",
    }
    csrf = csrf_of(client.get("/warnings").text)
    return client.post("/warnings/U1/unmask", data={"csrf": csrf, **form, **said}).status_code


def _request(city: Engine) -> str:
    with city.connect() as conn:
        id = conn.scalar(select(unmask_request.c.id).order_by(unmask_request.c.asked_at.desc()))
    assert id is not None
    return str(id)


def _decide(client: TestClient, id: str, decision: str = "approve", reason: str = "同意") -> int:
    csrf = csrf_of(client.get("/warnings").text)
    return client.post(
        f"/approvals/{id}", data={"csrf": csrf, "decision": decision, "reason": reason}
    ).status_code


def _views(city: Engine) -> list[dict[str, object]]:
    query = select(audit_log.c.detail).where(
        audit_log.c.action == "unmask_view", audit_log.c.object_id == "U1"
    )
    with city.connect() as conn:
        return list(conn.scalars(query.order_by(audit_log.c.id)))


def test_what_is_approved_is_seen_by_the_one_who_asked_until_it_expires(
    case: Office, signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    inspector, second = signed_in("inspector"), signed_in("second")
    hidden = inspector.get("/warnings/U1").text
    assert not any(secret in hidden for secret in (NAME, ACCOUNT, NUMBER, "1956-04-05"))
    assert _ask(inspector) == 303
    waiting = inspector.get("/warnings/U1").text
    assert NUMBER not in waiting and "待另一人审批" in waiting
    before = len(_views(city))
    assert _decide(second, _request(city)) == 303
    seen = inspector.get("/warnings/U1").text
    assert all(secret in seen for secret in (NAME, ACCOUNT, NUMBER, "1956-04-05"))
    assert 'class="watermark"' in seen and _request(city) in seen and "纪检员" in seen
    assert NUMBER not in second.get("/warnings/U1").text
    assert NUMBER not in inspector.get("/api/v1/warnings/U1").text
    views = _views(city)[before:]
    assert [v["request"] for v in views] == [_request(city)]
    assert not any(secret in str(views) for secret in (NAME, ACCOUNT, NUMBER))
    clock.move(minutes=59)
    inspector = signed_in("inspector")
    assert NUMBER in inspector.get("/warnings/U1").text
    clock.move(minutes=62)
    inspector = signed_in("inspector")
    after = inspector.get("/warnings/U1").text
    assert NUMBER not in after and 'class="watermark"' not in after


def test_level_2_shows_names_and_the_last_four(case: Office, signed_in: SignIn, city: Engine) -> None:
    clerk, inspector = signed_in("clerk"), signed_in("inspector")
    assert _ask(clerk, sight="2") == 303
    assert _decide(inspector, _request(city)) == 303
    seen = clerk.get("/warnings/U1").text
    assert NAME in seen and "…1234" in seen and "…4567" in seen
    assert NUMBER not in seen and ACCOUNT not in seen and "1956-04-05" not in seen


def test_only_what_was_asked_is_shown(case: Office, signed_in: SignIn, city: Engine) -> None:
    inspector = signed_in("inspector")
    _ask(inspector, fields=["birth_date"])
    _decide(signed_in("second"), _request(city))
    seen = inspector.get("/warnings/U1").text
    assert "1956-04-05" in seen
    assert NAME not in seen and NUMBER not in seen


def test_a_refusal_shows_nothing_and_says_why(case: Office, signed_in: SignIn, city: Engine) -> None:
    inspector = signed_in("inspector")
    _ask(inspector)
    assert _decide(signed_in("second"), _request(city), decision="refuse", reason="理由不足") == 303
    assert NUMBER not in inspector.get("/warnings/U1").text
    assert "理由不足" in inspector.get("/approvals").text


def test_nobody_decides_alone_twice_late_or_outside_the_own_rows(
    case: Office, signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    second, inspector = signed_in("second"), signed_in("inspector")
    _ask(second)
    assert _decide(second, _request(city)) == 409
    assert _decide(inspector, _request(city)) == 409  # level 3 is not for a level-1 supervisor
    assert _decide(signed_in("clerk"), _request(city)) == 403
    assert _request(city) not in inspector.get("/approvals").text
    with city.begin() as conn:
        conn.execute(update(unmask_request).values(user_id="inspector"))
        create_user(conn, "far", "他区督导", "R5", "db", "own_region", PASSWORD)
    far = signed_in("far")
    assert _decide(far, _request(city)) == 404
    assert _request(city) not in far.get("/approvals").text
    assert _decide(second, _request(city), reason=" ") == 409
    clock.move(days=4)
    second = signed_in("second")
    assert _decide(second, _request(city)) == 409
    assert _request(city) not in second.get("/approvals").text


def test_a_decision_stands(case: Office, signed_in: SignIn, city: Engine) -> None:
    second = signed_in("second")
    _ask(signed_in("inspector"))
    assert [_decide(second, _request(city), d) for d in ("refuse", "approve")] == [303, 409]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"hours": "25"}, 409),
        ({"hours": "0"}, 409),
        ({"reason": " "}, 409),
        ({"fields": []}, 409),
        ({"fields": ["everything"]}, 400),
        ({"sight": "4"}, 400),
        ({"purpose": "curiosity"}, 400),
    ],
    ids=str,
)
def test_a_request_must_say_what_why_and_how_long(
    case: Office, signed_in: SignIn, said: dict[str, object], status: int
) -> None:
    assert _ask(signed_in("inspector"), **said) == status


def test_one_request_at_a_time_and_never_for_the_model_steward_or_a_hidden_warning(
    case: Office, signed_in: SignIn
) -> None:
    inspector = signed_in("inspector")
    assert [_ask(inspector), _ask(inspector)] == [303, 409]
    assert _ask(signed_in("steward")) == 403
    assert _ask(signed_in("clerk_b")) == 404


def test_a_right_that_is_lost_shows_nothing_although_approved(
    case: Office, signed_in: SignIn, city: Engine
) -> None:
    clerk = signed_in("clerk")
    _ask(clerk, sight="2")
    _decide(signed_in("inspector"), _request(city))
    before = len(_views(city))
    with city.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "U1").values(unit_id="ca-b"))
    assert clerk.get("/warnings/U1").status_code == 404
    assert len(_views(city)) == before


def test_the_table_itself_knows_no_self_approval(case: Office, signed_in: SignIn, city: Engine) -> None:
    _ask(signed_in("inspector"))
    with city.connect() as conn, pytest.raises(IntegrityError):
        conn.execute(update(unmask_request).values(approver_id="inspector"))


def test_who_may_decide_is_a_table(clock: MovableClock) -> None:
    now = clock.now()
    for role, sight in itertools.product(Role, Sight):
        said = refuse_deciding(Asked("asker", sight, now, None), "other", role, now, "yes")
        assert (said is None) == (role in APPROVERS[sight])
        own = refuse_deciding(Asked("asker", sight, now, None), "asker", role, now, "yes")
        assert own is Refusal.OWN_REQUEST
    assert Role.R9 not in MAY_ASK
    assert all(Role.R9 not in roles for roles in APPROVERS.values())


# --- the vault --------------------------------------------------------------------------------------------------


def test_the_vault_keeps_ciphertext_only_and_writes_nothing_twice(case: Office, city: Engine) -> None:
    with city.begin() as conn:
        assert case.vault.put_many(conn, TOKENS) == 0
        kept = b"".join(conn.scalars(select(vault.c.ciphertext)))
        assert case.vault.read_many(conn, [token("U1"), token("unknown")]) == {
            token("U1"): Original("person", NUMBER)
        }
    assert not any(o.value.encode() in kept for o in TOKENS.values())


def test_a_ciphertext_moved_to_another_token_does_not_open(case: Office, city: Engine) -> None:
    with city.connect() as conn, conn.begin() as work:
        stolen = select(vault.c.ciphertext).where(vault.c.token == token("U1")).scalar_subquery()
        conn.execute(update(vault).where(vault.c.token == token("name")).values(ciphertext=stolen))
        with pytest.raises(MingjianError):
            case.vault.read_many(conn, [token("name")])
        work.rollback()


def test_another_key_opens_nothing(case: Office, city: Engine, tmp_path: Path) -> None:
    with city.connect() as conn, pytest.raises(MingjianError):
        Vault(tmp_path / "elsewhere").read_many(conn, [token("U1")])
