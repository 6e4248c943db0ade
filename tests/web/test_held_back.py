"""A warning that is silenced or waits says so, and why; handlers hear nothing of it before it is dispatched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert
from web_city import NOW, TODAY, SignIn, warning_row

from mingjian.store.tables import warning, warning_decision

HELD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "H1": ("recorded", "inhibited", {"warning": "A1"}),
    "H2": ("recorded", "exception", {"exception": 1, "document": "民发〔2026〕8号"}),
    "H3": ("recorded", "snoozed", {"snooze": 1, "until": "2026-07-31", "why": "专项审计"}),
    "H4": ("recorded", "shadow", {}),
    "H5": ("waiting", "over_budget", {"unit": "ca-a"}),
}


@pytest.fixture
def held(city: Engine) -> Iterator[None]:
    """Five warnings of a sector of their own, each held back for another reason."""
    rows = [
        warning_row(id, status=status, reason=reason, sector="held", district_code="150109", unit_id="ca-a")
        for id, (status, reason, _detail) in HELD.items()
    ]
    decided = [
        {
            "warning_id": row["id"],
            "as_of": TODAY,
            "reason": row["reason"],
            "level": row["level"],
            "score": row["score"],
            "digest": row["digest"],
            "decided_at": NOW,
            "detail": HELD[row["id"]][2],
        }
        for row in rows
    ]
    with city.begin() as conn:
        conn.execute(insert(warning), rows)
        conn.execute(insert(warning_decision), decided)
    yield
    with city.begin() as conn:
        conn.execute(delete(warning_decision).where(warning_decision.c.warning_id.in_(list(HELD))))
        conn.execute(delete(warning).where(warning.c.id.in_(list(HELD))))


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("H1", ["已由更强的模型预警：只记录", "见预警 A1"]),
        ("H2", ["在例外名单内：只记录", "文件 民发〔2026〕8号"]),
        ("H3", ["暂缓期内", "到 2026-07-31，专项审计"]),
        ("H4", ["影子模型的记录"]),
        ("H5", ["预警限额已满", "限额排队"]),
    ],
)
def test_the_page_says_why_a_warning_is_held_back(signed_in: SignIn, id: str, words: list[str]) -> None:
    page = signed_in("inspector").get(f"/warnings/{id}").text
    assert [word for word in words if word not in page] == []


@pytest.mark.usefixtures("held")
def test_what_waits_is_in_the_queue_and_what_rests_is_not(signed_in: SignIn) -> None:
    browser = signed_in("inspector")
    listed = browser.get("/warnings?sector=held").text
    assert "/warnings/H5" in listed and "/warnings/H1" not in listed
    assert "/warnings/H5" not in browser.get("/warnings?sector=held&mine=1").text
    assert "/warnings/H3" in browser.get("/warnings?sector=held&status=recorded").text


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("id", sorted(HELD))
def test_the_unit_hears_of_none_of_them(signed_in: SignIn, id: str) -> None:
    assert signed_in("clerk").get(f"/warnings/{id}").status_code == 404
