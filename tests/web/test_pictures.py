"""Pictures on the warning page: drawn from the finding's data, masked, in the reader's language, never as raw data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert
from web_city import SignIn, token, warning_row

from mingjian.store.tables import warning

FIRST = date(2026, 2, 1)
CURVE = [
    {
        "t": (FIRST + timedelta(days=i)).isoformat(),
        "n": 60 if i == 27 else 20,
        "expected": 20.0 if i > 6 else None,
        "upper": 31.0 if i > 6 else None,
        "alarm": i == 27,
    }
    for i in range(30)
]
EVENTS = [{"from": "2026-02-15", "to": "2026-02-23", "zh": "春节<假期>", "en": "Spring Festival"}]
CONTRIBUTIONS = [
    {"feature": "amount", "value": 930.0, "share": 0.8, "median": 210.0, "q1": 180.0, "q3": 250.0, "z": 12.0},
    {"feature": "months", "value": 4, "share": 0.2, "median": 3, "q1": 2, "q3": 5, "z": 0.5},
]
PEERS = [{"id": token("peer"), "amount": 210.0, "months": 3, "name": "李四"}]
BARS = [{"label": str(d), "observed": 5 * d, "expected": 7 * d} for d in range(1, 10)]

FINDINGS: dict[str, dict[str, Any]] = {
    "V1": {"n": 60, "curve": CURVE, "events": EVENTS, "growing": 2, "fit": {"rows": 812}},
    "V2": {"outlier_rank": 1, "contributions": CONTRIBUTIONS, "typical_peers": PEERS},
    "V3": {"mad": 0.02, "bars": BARS},
    "V4": {"curve": [{"t": "soon"}]},
    "V5": {"n": 3},
    "V6": {"curve": CURVE, "events": EVENTS, "model": "gone"},
}


@pytest.fixture(autouse=True)
def _findings(city: Engine) -> Iterator[None]:
    rows = [
        warning_row(id, sector="pictures", measures=m, params={"events": EVENTS, "grace_months": 1})
        | ({"model": m["model"]} if "model" in m else {})
        for id, m in FINDINGS.items()
    ]
    with city.begin() as conn:
        conn.execute(insert(warning), rows)
    yield
    with city.begin() as conn:
        conn.execute(delete(warning).where(warning.c.sector == "pictures"))


@pytest.fixture
def page(signed_in: SignIn) -> Any:
    client = signed_in("inspector")

    def read(id: str, lang: str = "zh") -> str:
        answer = client.get(f"/warnings/{id}?lang={lang}")
        assert answer.status_code == 200
        return answer.text

    return read


def test_a_series_is_drawn_for_wide_and_narrow_pages_with_its_alarm_and_event(page: Any) -> None:
    text = page("V1")
    assert [len(re.findall(f'class="picture {name}"', text)) for name in ("wide", "narrow")] == [1, 1]
    assert text.count('class="p-event"') == 3  # both drawings and the key
    assert "1 春节&lt;假期&gt;" in text
    assert 'aria-label="' in text and "2026-02-28：实际 60，预期 20，报警线 31" in text


def test_the_table_says_all_that_the_picture_shows(page: Any) -> None:
    table = page("V1").split('class="figures"')[1].split("</details>")[0]
    assert table.count("<tr") == len(CURVE) + 1
    assert table.count('class="stands-out"') == 1
    assert table.count("未报齐") == 2


def test_labels_and_events_follow_the_readers_language(page: Any) -> None:
    text = page("V1", "en")
    assert "1 Spring Festival" in text
    assert "Feb" in text and "春节" not in text


def test_an_outlier_is_told_in_words_and_beside_its_peers(page: Any) -> None:
    text = page("V2")
    assert text.count('class="strip"') == len(CONTRIBUTIONS)
    assert "最不寻常的是" in text and "本例 930" in text and "占偏离的 80%" in text


def test_a_typical_peer_is_a_mark_and_its_other_columns_are_not_shown(page: Any) -> None:
    text = page("V2")
    assert f"同类 {token('peer')[:6]}…" in text
    assert token("peer") not in text
    assert "李四" not in text


def test_a_distribution_is_drawn_in_pairs(page: Any) -> None:
    drawing = page("V3").split('class="picture wide"')[1].split("</svg>")[0]
    assert drawing.count('class="p-observed"') == drawing.count('class="p-reference"') == len(BARS)


@pytest.mark.parametrize("id", sorted(FINDINGS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_data_is_dumped_and_no_style_or_script_is_written_into_the_page(
    page: Any, id: str, lang: str
) -> None:
    text = page(id, lang)
    for raw in (
        "&#39;t&#39;:",
        "&#39;feature&#39;",
        "&#39;from&#39;",
        "&#39;rows&#39;",
        "{'",
        "typical_peers",
    ):
        assert raw not in text
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", text)
    assert "<script" not in text


def test_a_picture_that_cannot_be_drawn_is_said(page: Any) -> None:
    text = page("V4")
    assert "不能画图或说明" in text
    assert 'class="picture' not in text


def test_a_warning_without_such_data_has_no_picture(page: Any) -> None:
    assert 'class="picture' not in page("V5")


def test_a_model_whose_file_is_gone_still_has_its_picture(page: Any) -> None:
    assert 'class="picture wide"' in page("V6")


def test_the_api_gives_no_peers(signed_in: SignIn) -> None:
    assert token("peer")[:6] not in signed_in("inspector").get("/api/v1/warnings/V2").text
