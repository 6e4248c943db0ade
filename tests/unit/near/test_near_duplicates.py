"""Near-duplicate texts and records: found, measured exactly, clustered without chains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingjian.detect.near import duplicate_records, near_duplicates, star_labels
from mingjian.detect.near.jaccard import jaccard
from mingjian.detect.near.minhash import bands_for, signatures
from mingjian.detect.near.normalise import normalise
from mingjian.detect.near.shingles import shingles_of
from mingjian.domain.errors import RuleError

TEXTS = st.lists(st.text(alphabet="水电气维修路灯停供abcdef ", max_size=20), min_size=1, max_size=12)


def shingle_set(text: str) -> set[str]:
    size = 2 if 2 * sum(c >= "\u2e80" for c in text) >= len(text) else 4
    size = min(size, max(len(text), 1))
    return {text[i : i + size] for i in range(len(text) - size + 1)} if text else set()


@given(TEXTS)
def test_shingles_are_the_distinct_substrings(texts: list[str]) -> None:
    assert shingles_of(texts).sizes.tolist() == [len(shingle_set(t)) for t in texts]


@given(TEXTS)
def test_similarity_is_that_of_the_sets(texts: list[str]) -> None:
    left, right = np.triu_indices(len(texts), 1)
    sets = [shingle_set(t) for t in texts]
    wanted = [
        len(sets[i] & sets[j]) / max(len(sets[i] | sets[j]), 1) for i, j in zip(left, right, strict=True)
    ]
    np.testing.assert_allclose(jaccard(texts, left, right), wanted)


def test_signatures_agree_as_often_as_sets_are_similar() -> None:
    rng = np.random.default_rng(1)
    base = "".join(map(chr, rng.integers(0x4E00, 0x9000, 200)))
    other = base[:150] + "".join(map(chr, rng.integers(0x4E00, 0x9000, 50)))
    true = jaccard([base, other], np.array([0]), np.array([1]))[0]
    one, two = signatures(shingles_of([base, other]), seed=3, slots=4096)
    assert (one == two).mean() == pytest.approx(true, abs=0.04)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_bands_meet_a_pair_at_the_threshold(threshold: float) -> None:
    bands, rows = bands_for(threshold)
    assert bands * rows <= 64
    assert 1 - (1 - threshold**rows) ** bands >= 0.995


def test_width_case_accents_marks_and_figures_make_no_difference() -> None:
    assert normalise("您好，已于２０２６年３月办结！") == normalise("您好 已于2025年12月办结")
    assert normalise("Café São  PAULO, nº 12") == normalise("cafe sao paulo no 7")
    assert normalise("12栋", keep_figures=True) != normalise("13栋", keep_figures=True)


def test_copies_near_copies_and_strangers() -> None:
    texts = [
        "您好，您反映的小区停水问题已于3月1日处理完毕，感谢您的监督与支持。",
        "您好，您反映的小区停水问题已于5月12日处理完毕。感谢您的监督与支持！",
        "您好，您反映的小区停水问题已于今日处理完毕，感谢您的监督与支持。",
        "路灯不亮已经派人更换灯泡",
        "The street lamp was replaced by our crew on Monday morning.",
        "the street lamp was replaced by our crew on monday evening",
        "",
        None,
        "",
    ]
    found = near_duplicates(texts, 0.7)
    assert found.labels[:3].tolist() == [0, 0, 0]
    assert found.labels[3:].tolist() == [3, 4, 4, 6, 7, 8]
    assert found.pairs["left"].tolist() == [0, 0, 4]
    assert found.pairs["jaccard"][0] == 1.0
    assert (found.pairs["jaccard"] >= 0.7).all()


def test_planted_copies_among_many_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    signs = rng.integers(0x4E00, 0x4E00 + 2000, (3_000, 80))
    signs[1500:2000] = signs[:500]
    signs[np.arange(1500, 2000), rng.integers(0, 80, 500)] = 0x9000
    found = near_duplicates(["".join(map(chr, row)) for row in signs])
    met = set(zip(found.pairs["left"], found.pairs["right"], strict=True))
    planted = {(i, i + 1500) for i in range(500)}
    assert met <= planted
    assert len(met) >= 495
    assert sum(found.labels[j] == i for i, j in met) == len(met)


def test_a_bucket_of_thousands_of_like_texts_is_one_cluster() -> None:
    stem = "您反映的问题已经收悉我们将按照有关规定尽快调查处理并及时向您反馈结果感谢理解"
    texts = [f"{stem}{chr(0x4E00 + i)}" for i in range(3_000)]
    found = near_duplicates(texts)
    assert len(found.pairs) < 40 * len(texts)
    assert np.bincount(found.labels).max() > 2_000


def test_same_seed_same_result_and_order_of_pairs() -> None:
    texts = [f"供水管网维修完成第{chr(0x4E00 + i % 7)}号阀门已更换恢复供水" for i in range(40)]
    one, two = near_duplicates(texts, seed=5), near_duplicates(texts, seed=5)
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    np.testing.assert_array_equal(one.labels, two.labels)


def test_texts_of_other_groups_are_not_compared() -> None:
    found = near_duplicates(["已经处理完毕谢谢"] * 4, within=np.array([0, 1, 0, 1]))
    assert found.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("texts", [[], ["一"], [None]])
def test_hardly_any_text(texts: list[str | None]) -> None:
    found = near_duplicates(texts)
    assert found.pairs.empty
    assert found.labels.tolist() == list(range(len(texts)))


@pytest.mark.parametrize("threshold", [0.0, 1.1])
def test_a_threshold_must_be_a_share(threshold: float) -> None:
    with pytest.raises(RuleError):
        near_duplicates(["一", "二"], threshold)


def test_a_chain_does_not_become_one_cluster() -> None:
    left = np.arange(9)
    labels = star_labels(left, left + 1, 10)
    assert len(set(labels)) >= 4
    assert (np.abs(labels - np.arange(10)) <= 1).all()


@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda p: p[0] != p[1]), max_size=40)
)
def test_every_member_is_linked_to_its_centre_and_no_linked_nodes_stay_alone(
    pairs: list[tuple[int, int]],
) -> None:
    left = np.array([min(p) for p in pairs], dtype=np.int64)
    right = np.array([max(p) for p in pairs], dtype=np.int64)
    label = star_labels(left, right, 15)
    links = {frozenset(p) for p in pairs}
    assert all(label[i] == i or frozenset((i, int(label[i]))) in links for i in range(15))
    assert (label[label] == label).all()
    centres = {int(c) for c in label}
    assert not any(frozenset((a, b)) in links for a in centres for b in centres if a < b)


def test_records_equal_in_some_columns_and_nearly_in_others() -> None:
    frame = pd.DataFrame(
        {
            "day": ["2026-01-01", "2026-01-01", "2026-01-02", None, None],
            "amount": [100, 100, 100, 100, 100],
            "note": [
                "购买办公用品打印纸二十箱",
                "购买办公用品：打印纸二十箱",
                "购买办公用品打印纸二十箱",
                "甲",
                "甲",
            ],
        }
    )
    assert duplicate_records(frame, ["day", "amount"]).tolist() == [0, 0, 2, 3, 4]
    assert duplicate_records(frame, ["amount"], ["note"]).tolist() == [0, 0, 0, 3, 3]
    assert duplicate_records(frame, ["day"], ["note"]).tolist() == [0, 0, 2, 3, 4]
    assert duplicate_records(frame, [], ["note"]).tolist() == [0, 0, 0, 3, 3]


def test_figures_tell_records_apart() -> None:
    frame = pd.DataFrame({"note": ["凭证12345号支付材料款项", "凭证67890号支付材料款项"]})
    assert duplicate_records(frame, [], ["note"]).tolist() == [0, 1]


@pytest.mark.parametrize(("exact", "near"), [([], []), (["nothing"], [])])
def test_columns_must_be_named_and_there(exact: list[str], near: list[str]) -> None:
    with pytest.raises(RuleError):
        duplicate_records(pd.DataFrame({"a": [1]}), exact, near)
