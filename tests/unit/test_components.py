"""Components of a two-sided graph: what connects, what counts as one, which node stands for the whole."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect.detectors.components import components
from mingjian.detect.members import findings_for, split
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def clusters() -> Model:
    return load_content(ROOT).models["network.shared_account_cluster"]


def edges(*rows: tuple[str, str], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["person_id", "account_hash"])
    given = {"kind": "P", "grouping": None, "amount": 100.0, "since": "2026-01-01", "flag": 0}
    return frame.assign(**given | {"region_code": "150102"} | columns)


def found(model: Model, frame: pd.DataFrame, hub_max: int = 200) -> pd.DataFrame:
    return components(frame, model, {"hub_max": hub_max}, AS_OF)


CHAIN = [("a", "x"), ("b", "x"), ("b", "y"), ("c", "y"), ("d", "y"), ("e", "z"), ("f", "z")]


def test_nodes_that_share_an_edge_are_one_component_and_the_busiest_stands_for_it(clusters: Model) -> None:
    got = found(clusters, edges(*CHAIN)).set_index("account_hash")
    assert list(got.index) == ["y", "z"]
    assert got.loc["y", ["members", "groups", "links"]].tolist() == [4, 4, 2]
    assert got.loc["y", "amount"] == 500.0
    assert got.loc["y", "_members"] == ["x", "y"]


def test_order_of_rows_does_not_matter(clusters: Model) -> None:
    frame = edges(*CHAIN)
    turned = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(found(clusters, frame), found(clusters, turned))


def test_people_of_one_grouping_count_once_also_through_a_third(clusters: Model) -> None:
    frame = edges(("a", "x"), ("b", "x"), ("b", "x"), ("c", "x"), ("d", "x"))
    frame["grouping"] = ["h1", "h1", "k1", "k1", None]
    got = found(clusters, frame).iloc[0]
    assert (got["members"], got["groups"], got["amount"]) == (4, 2, 400.0)


def test_one_family_is_no_component(clusters: Model) -> None:
    assert found(clusters, edges(("a", "x"), ("b", "x"), grouping="h")).empty


def test_a_hub_is_taken_out_and_joins_nothing(clusters: Model) -> None:
    crowd = [(f"p{i}", "hub") for i in range(5)]
    got = found(clusters, edges(*crowd, ("p0", "x"), ("q", "x")), hub_max=4)
    assert got["account_hash"].tolist() == ["x"]
    assert got["members"].tolist() == [2]


def test_nothing_left_is_an_empty_table_of_the_same_columns(clusters: Model) -> None:
    none = found(clusters, edges(("a", "x"), ("b", "x")), hub_max=1)
    assert none.empty
    assert list(none.columns) == list(found(clusters, edges(*CHAIN)).columns)


def test_since_is_when_the_second_payee_came(clusters: Model) -> None:
    frame = edges(("a", "x"), ("b", "x"), ("c", "x"))
    frame["since"] = ["2025-01-01", "2025-06-01", "2026-02-01"]
    assert found(clusters, frame)["since"].tolist() == ["2025-06-01"]


def test_members_become_a_table_of_their_own(clusters: Model) -> None:
    import pyarrow as pa

    hits, members = split(pa.Table.from_pandas(found(clusters, edges(*CHAIN))), "account_hash")
    assert "_members" not in hits.column_names
    assert members.to_pydict() == {"subject": ["y", "y", "z"], "member": ["x", "y", "z"]}


def test_only_evidence_that_asks_for_members_is_joined_to_them() -> None:
    assert findings_for("t.account_hash = f.account_hash", "account_hash") == "_f f"
    assert "_members m" in findings_for("t.account_hash = m.member", "account_hash")
