"""Who is looked at again: the catalogue's numbers as a table, and draws that anybody can make again."""

from __future__ import annotations

from datetime import date

import pytest

from mingjian.content.loader import shipped_policy
from mingjian.domain.draw import uniform
from mingjian.domain.level import Level
from mingjian.domain.reason import WarnReason
from mingjian.domain.recheck import (
    FINDINGS,
    Closed,
    Method,
    RecheckKind,
    RecheckReason,
    RecheckResult,
    Record,
    Rerun,
    decide,
    finding_code,
    methods_of,
    risk_share,
)
from mingjian.supervise.recheck.rerun import Seen, is_newer, outcome

TERMS = shipped_policy().rechecks
HIGH, MEDIUM, LOW = Level.HIGH, Level.MEDIUM, Level.LOW
FIX, QA = RecheckKind.RECHECK, RecheckKind.QA
R = RecheckReason


@pytest.mark.parametrize(
    ("closed", "u", "reasons", "share"),
    [
        (Closed(FIX, HIGH, 1, "person"), 0.99, (R.HIGH,), 1.0),
        (Closed(FIX, LOW, 2, "person"), 0.99, (R.TIER,), 1.0),
        (Closed(FIX, HIGH, 3, "legacy_case"), 0.99, (R.HIGH, R.TIER, R.LEGACY), 1.0),
        (Closed(FIX, LOW, 1, "person", satisfied=False), 0.99, (R.UNSATISFIED,), 1.0),
        (Closed(FIX, LOW, 1, "person", reached=False), 0.19, (R.NOT_REACHED,), 0.36),
        (Closed(FIX, LOW, 1, "person"), 0.0999, (R.RANDOM,), 0.28),
        (Closed(FIX, LOW, 1, "person"), 0.1, (R.RISK,), 0.28),
        (Closed(FIX, LOW, 1, "person"), 0.2799, (R.RISK,), 0.28),
        (Closed(FIX, LOW, 1, "person"), 0.281, (R.NOT_SAMPLED,), 0.28),
        (Closed(QA, HIGH, 1, "person"), 0.99, (R.QA,), 1.0),
        (Closed(QA, MEDIUM, 3, "person"), 0.19, (R.QA,), 0.20),
        (Closed(QA, MEDIUM, 1, "person"), 0.20, (R.NOT_SAMPLED,), 0.20),
        (Closed(QA, LOW, 1, "person"), 0.049, (R.QA,), 0.05),
        (Closed(QA, LOW, 1, "person"), 0.05, (R.NOT_SAMPLED,), 0.05),
    ],
)
def test_who_is_chosen(closed: Closed, u: float, reasons: tuple[RecheckReason, ...], share: float) -> None:
    decision = decide(closed, u, 0.2, TERMS)
    assert decision.reasons == reasons and decision.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("unit", "city", "share"),
    [
        (Record(), Record(), 5 * 0.01),
        (Record(), Record(980, 40), 5 * (40 + 20 * 0.01) / 1000),
        (Record(20, 2), Record(), 5 * (2 + 20 * 0.01) / 40),
        (Record(100, 60), Record(), 0.5),
    ],
    ids=["nothing known", "the city's", "drawn together", "at most half"],
)
def test_the_risk_of_a_unit(unit: Record, city: Record, share: float) -> None:
    assert risk_share(unit, city, TERMS) == pytest.approx(share)


def test_a_draw_depends_on_seed_and_key_alone_and_is_even() -> None:
    draws = [uniform("s", f"recheck:W{n}:1") for n in range(4000)]
    assert draws == [uniform("s", f"recheck:W{n}:1") for n in range(4000)]
    assert uniform("s", "recheck:W0:1") != uniform("t", "recheck:W0:1")
    assert all(0 <= u < 1 for u in draws)
    tenth = sum(u < 0.1 for u in draws)
    assert 330 < tenth < 470  # 400 and 3.7 standard deviations


def test_the_draw_is_the_documented_one() -> None:
    """What `docs/rechecks.md` tells a doubter to compute."""
    import hashlib
    import hmac

    mac = hmac.new(b"seed", b"recheck:W1:1", hashlib.sha256).hexdigest()
    assert uniform("seed", "recheck:W1:1") == (int(mac[:16], 16) >> 11) / 2**53


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Seen(), Rerun.MODEL_NOT_RUN),
        (Seen(date(2026, 3, 3)), Rerun.QUIET),
        (Seen(date(2026, 3, 3), ((date(2026, 3, 3), WarnReason.UNCHANGED),)), Rerun.UNCHANGED),
        (Seen(None, ((date(2026, 3, 3), WarnReason.UNCHANGED),)), Rerun.MODEL_NOT_RUN),
        (Seen(date(2026, 3, 3), ((date(2026, 3, 3), WarnReason.REOPENED),)), Rerun.REPEAT),
        (Seen(None, ((date(2026, 3, 3), WarnReason.REOPENED),), "W2"), Rerun.REPEAT),
        (Seen(date(2026, 3, 3), (), "W2"), Rerun.RECURRED),
    ],
)
def test_what_the_model_says(seen: Seen, said: Rerun) -> None:
    assert outcome(seen) is said


@pytest.mark.parametrize(
    ("as_of", "lake", "newer"),
    [
        (date(2026, 3, 2), {"payout": 9}, False),
        (date(2026, 3, 3), {"payout": 4}, False),
        (date(2026, 3, 3), {"payout": 5}, True),
        (date(2026, 3, 3), {"payout": 4, "death_record": 8}, True),
        (date(2026, 3, 3), {}, True),
    ],
)
def test_which_run_is_on_newer_data(as_of: date, lake: dict[str, int], newer: bool) -> None:
    run = {"as_of": as_of, "reads": {"lake": lake}}
    assert is_newer(run, date(2026, 3, 2), {"payout": 4, "death_record": 7}) is newer


def test_serious_matters_are_seen_on_the_spot_and_codes_fit_their_result() -> None:
    assert Method.SITE in methods_of((R.HIGH,)) and Method.SITE not in methods_of((R.RANDOM,))
    assert finding_code("rc12 照片重复", RecheckResult.FALSE) == "RC12"
    assert finding_code("RC12", RecheckResult.PARTIAL) is None
    assert {f.result for f in FINDINGS.values()} == {RecheckResult.PARTIAL, RecheckResult.FALSE}


@pytest.mark.parametrize("noun", [RecheckReason, Method, Rerun, RecheckResult], ids=lambda n: n.__name__)
def test_every_word_has_its_label(noun) -> None:
    assert all(one.label for one in noun)
