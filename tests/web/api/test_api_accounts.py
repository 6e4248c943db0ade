"""An account is frozen at once by a security auditor, and by nobody else."""

from __future__ import annotations

import pytest
from api_client import Callers
from sqlalchemy import Engine

from mingjian.store.identity import find_user

FREEZE = {"reason": "口令疑似泄露"}


def test_a_frozen_account_is_out_at_once_and_the_log_says_why(call: Callers, api_engine: Engine) -> None:
    clerk, auditor = call("clerk"), call("auditor")
    assert clerk.get("/me").status_code == 200
    assert auditor.post("/accounts/clerk/freeze", FREEZE).json() == {"id": "clerk"}
    assert clerk.get("/me").status_code == 401
    with api_engine.connect() as conn:
        assert find_user(conn, "clerk") is None
    (row,) = [r for r in auditor.audited("account_frozen") if r["object_id"] == "clerk"]
    assert (row["actor"], row["detail"]) == ("auditor", FREEZE)


@pytest.mark.parametrize(
    ("account", "target", "body", "status"),
    [
        ("inspector", "clerk", FREEZE, 403),
        ("steward", "clerk", FREEZE, 403),
        ("auditor", "auditor", FREEZE, 400),
        ("auditor", "no-one", FREEZE, 404),
        ("auditor", "clerk", {"reason": " "}, 422),
        ("auditor", "clerk", {}, 422),
    ],
)
def test_what_is_refused_freezes_nobody(
    call: Callers, account: str, target: str, body: dict[str, str], status: int
) -> None:
    caller = call(account)
    answer = caller.post(f"/accounts/{target}/freeze", body)
    assert answer.status_code == status
    assert caller.audited("account_frozen") == []
