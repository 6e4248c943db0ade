"""A new order from verdicts: a learner over features and the unsupervised order, stacked with that order.

The unsupervised score as a feature beside the others is the idea of XGBOD (Zhao and Hryniewicki 2018); the stack is
that of Wolpert (1992) with the sigmoid calibration of Platt (1999), fitted on predictions for rows left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

FOLDS = 5  # or as many as there are verdicts of the rarer kind, so that each fold holds one
LEAST = 2  # verdicts of each kind
MANY = 30  # verdicts of each kind from which trees are fitted
RIDGE = 1.0  # scikit-learn's C
TRUST = 3.0  # the unsupervised score enters enlarged, so the ridge shrinks it nine times less than the rest
NEAR_ONE = 1e-4

Learner = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Method(StrEnum):
    """How an order was made."""

    UNSUPERVISED = "unsupervised"
    LOGISTIC = "logistic"
    BOOSTING = "boosting"


@dataclass(frozen=True)
class Reranked:
    """`order` (n,): the first place highest. `chance` (n,): calibrated chance to be confirmed, NaN when not learned.

    `learned` and `kept` are the weights of the learner and of the unsupervised order in the stack, both from 0.
    """

    order: np.ndarray
    chance: np.ndarray
    method: Method
    learned: float = 0.0
    kept: float = 1.0


def rerank(x: np.ndarray, prior: np.ndarray, y: np.ndarray, seed: int = 0) -> Reranked:
    """Order all rows by the verdicts on some; the same input and seed give the same answer.

    `x` (n, d) are numeric features, NaN where unknown; `prior` (n,) the unsupervised score, high = unusual;
    `y` (n,) 1 confirmed, 0 rejected, NaN not judged. With fewer than two verdicts of either kind the order is the
    unsupervised one, from thirty of each on trees learn it, between the two a ridge logistic regression.
    """
    known = ~np.isnan(y)
    labels = y[known].astype(int)
    fewest = int(min(labels.sum(), len(labels) - labels.sum())) if len(labels) else 0
    usual = _normal_scores(prior)
    if fewest < LEAST:
        return Reranked(usual, np.full(len(y), np.nan), Method.UNSUPERVISED)
    method = Method.BOOSTING if fewest >= MANY else Method.LOGISTIC
    learner, columns = _learner(method, _filled(x), usual, seed)
    with threadpool_limits(1):  # a few hundred rows: threads would spend their time waiting for each other
        stack = _stack(_left_out(learner, columns[known], labels, seed), usual[known], labels)
        if stack is None:
            return Reranked(usual, np.full(len(y), np.nan), Method.UNSUPERVISED)
        whole = logit(_inner(learner(columns[known], labels, columns)))
    learned, kept, base = stack
    order = learned * whole + kept * usual
    return Reranked(order, expit(order + base), method, learned, kept)


def _learner(method: Method, x: np.ndarray, usual: np.ndarray, seed: int) -> tuple[Learner, np.ndarray]:
    """The learner and the columns it reads; scaling uses all rows, judged or not."""
    if method is Method.LOGISTIC:
        return _logistic, np.column_stack([TRUST * usual, _scaled(x)])
    return lambda a, b, c: _boosting(a, b, c, seed), np.column_stack([usual, x])


def _logistic(x: np.ndarray, y: np.ndarray, asked: np.ndarray) -> np.ndarray:
    fitted = LogisticRegression(C=RIDGE, max_iter=1000).fit(x, y)
    return np.asarray(fitted.predict_proba(asked)[:, 1])


def _boosting(x: np.ndarray, y: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
    fitted = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=5, l2_regularization=1.0,
        early_stopping=False, random_state=seed,
    ).fit(x, y)  # fmt: skip
    return np.asarray(fitted.predict_proba(asked)[:, 1])


def _left_out(learner: Learner, x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Log odds for each judged row by a learner that did not see it."""
    found = np.empty(len(y))
    folds = int(min(FOLDS, y.sum(), len(y) - y.sum()))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(x, y):
        found[test] = learner(x[train], y[train], x[test])
    return np.asarray(logit(_inner(found)))


def _stack(left_out: np.ndarray, usual: np.ndarray, y: np.ndarray) -> tuple[float, float, float] | None:
    """Weights of the learner and of the unsupervised order, and the base; None when neither tells anything.

    A negative weight would turn an order round on the word of a few verdicts: that part is left out instead.
    """
    both = np.column_stack([left_out, usual])
    used = [0, 1]
    while used:
        fitted = LogisticRegression(C=1.0, max_iter=1000).fit(both[:, used], y)
        weights = np.zeros(2)
        weights[used] = fitted.coef_[0]
        if (weights >= 0).all():
            return float(weights[0]), float(weights[1]), float(fitted.intercept_[0])
        used.remove(int(weights.argmin()))
    return None


def _normal_scores(prior: np.ndarray) -> np.ndarray:
    """Blom's normal scores of the ranks, so that every detector's score has one scale."""
    return np.asarray(norm.ppf((rankdata(prior) - 0.375) / (len(prior) + 0.25)))


def _filled(x: np.ndarray) -> np.ndarray:
    """Gaps at the column's median; a column without any value says nothing and goes."""
    some = x[:, ~np.isnan(x).all(axis=0)]
    return np.where(np.isnan(some), np.nanmedian(some, axis=0), some) if some.size else some


def _scaled(x: np.ndarray) -> np.ndarray:
    """Each column robustly scaled and drawn in, and its distance from the median."""
    center = np.median(x, axis=0)
    spread = np.abs(x - center).mean(axis=0)
    z = (x - center) / np.where(spread > 0, spread, 1.0)
    drawn_in = np.sign(z) * np.log1p(np.abs(z))
    return np.column_stack([drawn_in, np.abs(drawn_in)])


def _inner(chance: np.ndarray) -> np.ndarray:
    return np.clip(chance, NEAR_ONE, 1 - NEAR_ONE)
