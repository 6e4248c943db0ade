"""Which half-width marks become full-width in printed Chinese."""

from __future__ import annotations

import pytest

from mingjian.domain.typeset import chinese_marks


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("请核对,再回复;谢谢", "请核对\uff0c再回复\uff1b谢谢"),
        ("抄送: 市民政局", "抄送\uff1a市民政局"),
        ("东湖区民政局:", "东湖区民政局\uff1a"),
        ("合计 1,500 元(含 2 项),请核对", "合计 1,500 元\uff08含 2 项\uff09\uff0c请核对"),
        ("3月4日 18:00", "3月4日 18:00"),
        ("编号(B01)", "编号\uff08B01\uff09"),
        ("Order D1 (late), see B01", "Order D1 (late), see B01"),
    ],
)
def test_marks_beside_chinese_are_full_width_and_those_of_numbers_stay(typed: str, printed: str) -> None:
    assert chinese_marks(typed) == printed
