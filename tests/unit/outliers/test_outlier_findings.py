"""What the outlier detectors report: budget, peers, deviations, and the reasons as data."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from mingjian.detect.detectors.outlier import outliers
from mingjian.detect.duck import open_duck
from mingjian.detect.evidence import plain
from mingjian.domain.errors import RuleError
from tests.unit.outliers.conftest import COLUMNS, Make, accounts

AS_OF = date(2026, 6, 30)
KINDS = ("default", "COPOD", "KNN", "GMM", "FittedEnsemble")  # every way to score and to explain


def by_account(found: pd.DataFrame) -> pd.DataFrame:
    return found.set_index("acct_id").sort_index()


@pytest.mark.parametrize("name", KINDS)
def test_same_rows_in_another_order_give_the_same_outliers(bills: Make, name: str) -> None:
    model, frame = bills(name, options={"min_z": 2}), accounts()
    first = by_account(outliers(frame, model, {}, AS_OF))
    again = by_account(outliers(frame.sample(frac=1, random_state=1), model, {}, AS_OF))
    pd.testing.assert_frame_equal(first, again)
    assert first.loc["T0007", "outlier_rank"] == 1
    assert first.loc["T0007", "top_z"] > 30


@pytest.mark.parametrize("name", KINDS)
def test_shares_of_the_features_sum_to_one_and_name_the_feature_that_is_off(bills: Make, name: str) -> None:
    found = by_account(outliers(accounts(), bills(name, options={"min_z": 2}), {}, AS_OF))
    for told in found["contributions"]:
        assert sum(part["share"] for part in told) == pytest.approx(1, abs=1e-3)
        assert [part["share"] for part in told] == sorted((p["share"] for p in told), reverse=True)
        assert {part["feature"] for part in told} == set(COLUMNS)
    last = found.loc["T0007", "contributions"][-1]
    assert (last["feature"], last["share"] < 0.1) == ("peak_ratio", True)


def test_a_contribution_tells_value_and_quartiles_as_measured(bills: Make) -> None:
    frame = accounts()
    told = by_account(outliers(frame, bills("default"), {}, AS_OF)).loc["T0007", "contributions"]
    first = next(part for part in told if part["feature"] == "unit_price")
    q1, median, q3 = frame["unit_price"].quantile([0.25, 0.5, 0.75])
    assert first["value"] == 60.0
    assert [first["q1"], first["median"], first["q3"]] == pytest.approx([q1, median, q3], abs=1e-3)


def test_typical_peers_are_the_nearest_to_the_median(bills: Make) -> None:
    frame = accounts()
    (typical, *_others) = outliers(frame, bills("ECOD"), {}, AS_OF)["typical_peers"]
    x = frame[COLUMNS]
    center = x.median()
    spread = 1.4826 * (x - center).abs().median()
    distance = (((x - center) / spread) ** 2).sum(axis=1)
    assert [peer["id"] for peer in typical] == list(frame["acct_id"][distance.argsort()[:3]])
    assert typical[0]["fee_share"] == pytest.approx(frame.loc[distance.idxmin(), "fee_share"], abs=1e-3)


@pytest.mark.parametrize("top_k", [1, 3])
def test_each_group_reports_at_most_its_budget(bills: Make, top_k: int) -> None:
    frame = pd.concat([accounts(), accounts(seed=4, tariff="S")], ignore_index=True)
    found = outliers(frame, bills("KNN", top_k=top_k, options={"min_z": 0}), {}, AS_OF)
    assert found.groupby("tariff_code").size().to_dict() == {"S": top_k, "T": top_k}


@pytest.mark.parametrize("name", ["default", "IForest"])
def test_too_few_peers_are_not_judged_and_leave_typed_columns(bills: Make, name: str) -> None:
    found = outliers(accounts(29), bills(name), {}, AS_OF)
    usual = outliers(accounts(30), bills(name), {}, AS_OF)
    assert found.empty
    assert not usual.empty
    assert str(found["contributions"].dtype) == str(usual["contributions"].dtype)


def test_rows_with_a_gap_are_left_out(bills: Make) -> None:
    frame = accounts()
    frame.loc[7, "fee_share"] = np.nan
    found = outliers(frame, bills("default", options={"min_z": 0}), {}, AS_OF)
    assert "T0007" not in set(found["acct_id"])
    assert set(found["peers"]) == {199}


def test_reasons_survive_the_engine(bills: Make, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import pyarrow as pa

    found = by_account(outliers(accounts(), bills("FittedEnsemble"), {}, AS_OF)).reset_index()
    engine = open_duck(tmp_path, threads=1)
    engine.put("_hits", pa.Table.from_pandas(found, preserve_index=False))
    row = engine.rows("SELECT * FROM _hits WHERE acct_id = 'T0007'").to_pylist()[0]
    engine.close()
    assert {part["feature"] for part in plain(row["contributions"])} == set(COLUMNS)
    assert plain(row["typical_peers"])[0]["id"].startswith("T")
    assert plain(row["fit"]) == {"trained_on": "2026-06-30", "rows": 200, "record": "", "lake": []}


def agreeing(median: float, odd: float) -> pd.DataFrame:
    """Sixty peers that differ from `median` by rounding noise alone, and one, the last, that lies at `odd`."""
    frame = accounts(61)
    frame[COLUMNS] = np.random.default_rng(5).normal(scale=1e-12, size=(61, 4))
    frame["unit_price"] += median
    frame.loc[60, "unit_price"] = odd
    return frame


def test_rounding_noise_among_peers_is_not_taken_for_their_spread(bills: Make) -> None:
    found = outliers(agreeing(median=2.0, odd=1.9), bills("KNN"), {}, AS_OF).set_index("top_feature")
    assert found.loc["unit_price", "top_z"] == pytest.approx((1.9 - 2.0) / 0.002)


def test_a_difference_below_the_least_spread_is_nobody_s_outlier(bills: Make) -> None:
    found = outliers(agreeing(median=2.0, odd=2.001), bills("KNN"), {}, AS_OF)
    assert "T0060" not in set(found["acct_id"])


@pytest.mark.parametrize(("odd", "capped"), [(5.0, 999.0), (-5.0, -999.0)])
def test_deviations_are_reported_up_to_999(bills: Make, odd: float, capped: float) -> None:
    assert capped in set(outliers(agreeing(median=0.0, odd=odd), bills("KNN"), {}, AS_OF)["top_z"])


def test_a_constant_feature_is_no_obstacle(bills: Make) -> None:
    frame = accounts().assign(fee_share=1.0)
    found = by_account(outliers(frame, bills("default"), {}, AS_OF))
    assert found.loc["T0007", "outlier_rank"] == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("KNN", {"neighbours": 3}),
        ("Ensemble", {"members": ["KNN", "Nothing"]}),
        ("Ensemble", {"members": ["KNN"]}),
        ("FittedEnsemble", {"members": ["ECOD", "KNN"]}),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_a_hint(bills: Make, name: str, options: dict) -> None:
    with pytest.raises(RuleError) as refused:
        outliers(accounts(), bills(name, options=options), {}, AS_OF)
    assert refused.value.hint
