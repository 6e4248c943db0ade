"""Log-linear quasi-Poisson regression of many series at once on one design: seasonal levels and a trend.

All series share the design matrix X, so that one matrix product gives X'WX of every series, and as X'W(Xb) = (X'WX)b,
each step of the iteration needs no other pass over the counts. X'WX is an arrow (the levels on the diagonal, the trend
in one row and column), which has a closed solution. Start values and stopping rule are those R documents for `glm`:
a level without cases has no finite estimate, and the place where the iteration stops then decides the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

CLOSE, STEPS = 1e-8, 25
SMALLEST = np.finfo(float).eps


@dataclass(frozen=True)
class Design:
    """Columns of X (T, parameters): one indicator a level, then time, which is None where no trend is fitted.

    `squares` are the products of two columns that are not zero everywhere: levels, levels by time, time squared.
    """

    levels: int
    time: np.ndarray | None
    columns: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, level: np.ndarray, levels: int, time: np.ndarray | None) -> Design:
        """The design of rows with these levels (T,), 0 to `levels` - 1, and times (T,)."""
        indicator = (level[:, None] == np.arange(levels)).astype(float)
        if time is None:
            return cls(levels, None, indicator, indicator)
        squares = np.column_stack([indicator, indicator * time[:, None], time**2])
        return cls(levels, time, np.column_stack([indicator, time]), squares)


class Information(NamedTuple):
    """X'WX in closed form: sums of working weights by level (n, levels), mean times under them (n, levels), and the
    weighted sum of squares of time about these (n,)."""

    mass: np.ndarray
    centre: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Fits:
    """Coefficients (n, parameters), the information behind them, and fitted means (n, T); NaN without convergence.

    `working` (n, T) are the weights of the last step, which are one step older than `mean`: the difference counts
    where a level has no cases.
    """

    coefficients: np.ndarray
    information: Information
    working: np.ndarray
    mean: np.ndarray

    def variance(self, level: int, time: float) -> np.ndarray:
        """Variance of the linear predictor at one level and time where the dispersion is 1, (n,)."""
        mass, centre, spread = self.information
        return 1 / mass[:, level] + (time - centre[:, level]) ** 2 / spread

    def leverage(self, design: Design) -> np.ndarray:
        """Diagonal of the hat matrix, (n, T)."""
        mass, centre, spread = self.information
        indicator = design.columns[:, : design.levels].T
        own = (1 / mass) @ indicator
        if design.time is not None:
            own += (design.time - centre @ indicator) ** 2 / spread[:, None]
        return own * self.working


class Moving(NamedTuple):
    """Series that have not settled: which, their given parts, and where they are. Series first throughout.

    `wanted` is X'W of the counts, which the fitted means must come to; `missing` what is lacking to it, `constant`
    the part of half the deviance that does not change.
    """

    which: np.ndarray
    weights: np.ndarray
    offset: np.ndarray | None
    wanted: np.ndarray
    constant: np.ndarray
    coefficients: np.ndarray
    working: np.ndarray
    sums: np.ndarray
    missing: np.ndarray
    deviance: np.ndarray

    def only(self, kept: np.ndarray) -> Moving:
        """These series alone."""
        return Moving._make(None if part is None else part[kept] for part in self)


def fit(counts: np.ndarray, design: Design, weights: np.ndarray, offset: np.ndarray | None = None) -> Fits:
    """Fit each row of counts (n, T) by iteratively reweighted least squares; weights and offset are (n, T) too.

    Series that have settled are set aside, so that later steps cost only what is still moving.
    """
    n, levels, parameters = len(counts), design.levels, design.columns.shape[1]
    shapes = [(n, parameters), (n, levels), (n, levels), (n,), counts.shape, counts.shape]
    done = [np.full(shape, np.nan) for shape in shapes]
    at = _start(counts, design, weights, offset)
    for _step in range(STEPS):
        information = _information(at.sums, levels)
        following, mean = _step_on(at, design, information)
        settled = np.abs(following.deviance - at.deviance) < CLOSE * (np.abs(following.deviance) + 0.1)
        if settled.any():
            for kept, part in zip(
                done, (following.coefficients, *information, at.working, mean), strict=True
            ):
                kept[at.which[settled]] = part[settled]
            following = following.only(~settled)
        at = following
        if not len(at.which):
            break
    return Fits(done[0], Information(*done[1:4]), *done[4:])


def _start(counts: np.ndarray, design: Design, weights: np.ndarray, offset: np.ndarray | None) -> Moving:
    cases = weights * counts
    wanted = cases @ design.columns
    constant = (weights * xlogy(counts, counts) - cases).sum(axis=1)
    predictor = np.log(counts + 0.1)
    deviance = constant - np.einsum("ij,ij->i", cases, predictor)
    if offset is not None:
        constant -= np.einsum("ij,ij->i", cases, offset)
        predictor -= offset
    working = weights * (counts + 0.1)
    return Moving(
        np.arange(len(counts)), weights, offset, wanted, constant, np.zeros_like(wanted), working,
        working @ design.squares, (working * predictor + cases - working) @ design.columns,
        2 * (deviance + working.sum(axis=1)),
    )  # fmt: skip


def _step_on(at: Moving, design: Design, information: Information) -> tuple[Moving, np.ndarray]:
    """Where the series are after one step, and their fitted means."""
    levels = design.levels
    coefficients = at.coefficients + _solve(information, at.missing)
    mean = coefficients @ design.columns.T
    if at.offset is not None:
        mean += at.offset
    np.maximum(np.exp(mean, out=mean), SMALLEST, out=mean)
    working = at.weights * mean
    sums = working @ design.squares
    fitted = sums[:, :levels]
    deviance = 2 * (at.constant + fitted.sum(axis=1) - np.einsum("ij,ij->i", at.wanted, coefficients))
    if design.time is not None:
        fitted = np.column_stack([fitted, sums[:, levels:-1].sum(axis=1)])
    after = at._replace(
        coefficients=coefficients, working=working, sums=sums, missing=at.wanted - fitted, deviance=deviance
    )
    return after, mean


def _information(sums: np.ndarray, levels: int) -> Information:
    mass = sums[:, :levels]
    if sums.shape[1] == levels:
        return Information(mass, np.zeros_like(mass), np.full(len(mass), np.inf))
    centre = sums[:, levels:-1] / mass
    return Information(mass, centre, sums[:, -1] - np.einsum("ij,ij->i", centre**2, mass))


def _solve(information: Information, right: np.ndarray) -> np.ndarray:
    mass, centre, spread = information
    levels = mass.shape[1]
    found = right[:, :levels] / mass
    if right.shape[1] == levels:
        return found
    slope = (right[:, levels] - np.einsum("ij,ij->i", centre, right[:, :levels])) / spread
    return np.column_stack([found - centre * slope[:, None], slope])
