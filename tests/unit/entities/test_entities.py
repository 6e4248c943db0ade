"""Entity resolution: spellings of one name and one door come together, relatives and neighbours do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mingjian.detect.entities import parse_address, resolve
from mingjian.detect.entities.blocking import candidate_pairs
from mingjian.detect.entities.compare import compare_names
from mingjian.detect.entities.names import names_of
from mingjian.domain.errors import RuleError

FIELDS = {"name": "name", "address": "address", "phone": "value"}
ROAD = "内蒙古自治区呼和浩特市新城区中山东路12号阳光花园3号楼2单元501室"


def crowd(*records: tuple[str | None, str | None, str | None], size: int = 100) -> pd.DataFrame:
    """The records among strangers, so that common signs are common."""
    rng = np.random.default_rng(1)
    signs = list("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂华建国文玉海红春梅志林永生")
    names = ["王李张刘陈杨黄赵"[i % 8] + "".join(rng.choice(signs, 2)) for i in range(size)]
    strangers = [
        (n, f"呼和浩特市回民区友谊路{i}号{i % 9 + 1}栋{i}室", f"139{i:08d}") for i, n in enumerate(names, 1)
    ]
    return pd.DataFrame([*records, *strangers], columns=["name", "address", "phone"])


@pytest.mark.parametrize(
    ("text", "door", "said"),
    [
        (
            ROAD,
            ("zhongshandonglu", "12号"),
            {"estate": "阳光花园", "building": "3", "unit": "2", "room": "501"},
        ),
        (
            "新城区中山東路１２號 陽光花園3幢2單元501",
            ("zhongshandonglu", "12号"),
            {"building": "3", "room": "501"},
        ),
        ("新城区中山东路十二号", ("zhongshandonglu", "12号"), {"district": "新城区"}),
        ("大王镇李家村三组15号", ("lijiacun", "3"), {"town": "大王镇", "number": "15号"}),
        ("上海市浦东新区张江镇碧波路690弄2号楼301室", ("bibolu", "690弄"), {"building": "2", "room": "301"}),
        ("北京市朝阳区建国路88号院5号楼1203", ("jianguolu", "88号"), {"building": "5", "room": "1203"}),
        ("幸福里小区7栋302", ("xingfulixiaoqu", "7"), {"room": "302"}),
        ("Rua das Flores, 12", ("", ""), {"rest": "rua das flores 12"}),
    ],
)
def test_addresses_in_parts(text: str, door: tuple[str, str], said: dict[str, str]) -> None:
    address = parse_address(text)
    assert address.door == door
    assert {k: getattr(address, k) for k in said} == said


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("刘建华", "劉建華", "same_reading"),
        ("刘建华", "刘健华", "same_reading"),
        ("刘建华", "刘 建华", "same"),
        ("刘建华", "刘建国", "close"),
        ("刘建华", "刘建", "close"),
        ("刘建华", "王芳", "differs"),
        ("刘建华", None, "missing"),
        ("呼和浩特市阳光物业服务有限公司", "呼和浩特市阳光物业服务有限责任公司", "same_reading"),
        ("Müller Gás S.A.", "GAS MULLER SA", "same_reading"),
        ("POSTO ITAMARATY LTDA", "Posto Itamarati Ltda.", "close"),
        ("SKY SERVIÇOS DE BANDA LARGA LTDA", "SKY", "contained"),
        ("Auto Posto Carreteiro", "Hotel Nacional", "differs"),
    ],
)
def test_names_agree_at_their_level(one: str, other: str | None, level: str) -> None:
    agreed = compare_names(names_of([one, other]), np.array([0]), np.array([1]))
    assert agreed.names[agreed.level[0]] == level


def test_a_rare_name_says_more_than_a_common_one() -> None:
    names = names_of(["王伟", "王伟", "欧阳瑞麒", "欧阳瑞麒", "王强", "李伟", "王勇", "张伟"])
    agreed = compare_names(names, np.array([0, 2]), np.array([1, 3]))
    assert agreed.weight[1] > agreed.weight[0] > 0


def test_spellings_of_one_person_come_together_with_a_reason() -> None:
    frame = crowd(
        ("刘德胜", ROAD, "13800000001"),
        ("劉德勝", "新城区中山东路12号阳光花园3幢2单元501", None),
        ("刘德盛", ROAD.replace("内蒙古自治区", ""), "13800000001"),
    )
    found = resolve(frame, FIELDS)
    assert len(set(found.entities[:3])) == 1
    assert len(set(found.entities)) == len(frame) - 2
    pair = found.pairs.query("left == 0 and right == 1").iloc[0]
    assert (pair["name"], pair["address"], pair["phone"]) == ("same_reading", "same", "missing")
    assert pair["probability"] > 0.9


def test_a_household_at_one_door_with_one_phone_stays_two_people() -> None:
    frame = crowd(("刘德胜", ROAD, "13800000001"), ("王秀兰", ROAD, "13800000001"))
    assert len(set(resolve(frame, FIELDS).entities)) == len(frame)


def test_one_common_name_at_two_places_stays_two_people() -> None:
    frame = crowd(
        ("王建国", ROAD, "13800000001"), ("王建国", "玉泉区文化路8号1栋101室", "13800000009"), size=2_000
    )
    found = resolve(frame, FIELDS)
    assert found.entities[0] != found.entities[1]


def test_candidates_are_bounded_and_complete_for_small_keys() -> None:
    order = np.arange(1_000)
    left, _right = candidate_pairs([(i, "all") for i in range(1_000)], order, reach=5)
    assert len(left) <= 5 * 1_000
    left, right = candidate_pairs([(i, str(i // 4)) for i in range(12)], np.arange(12), reach=5)
    assert len(left) == 3 * 6
    assert (left < right).all()


def test_a_key_named_twice_by_one_record_pairs_it_not_with_itself() -> None:
    left, right = candidate_pairs([(0, "a"), (0, "a"), (1, "a")], np.arange(2), reach=5)
    assert (left.tolist(), right.tolist()) == ([0], [1])


def test_no_record_and_nothing_in_common() -> None:
    assert resolve(crowd().iloc[:0], FIELDS).entities.tolist() == []
    two = pd.DataFrame({"name": [None, None], "address": [None, None], "phone": [None, None]})
    assert resolve(two, FIELDS).entities.tolist() == [0, 1]


@pytest.mark.parametrize("fields", [{}, {"nothing": "name"}, {"name": "colour"}])
def test_fields_must_be_there_and_of_a_known_kind(fields: dict[str, str]) -> None:
    with pytest.raises(RuleError):
        resolve(crowd(), fields)  # type: ignore[arg-type]
