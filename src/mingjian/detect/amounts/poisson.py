"""Poisson regressions that share one design, many at once."""

from __future__ import annotations

import numpy as np

from mingjian.detect.amounts.digits import Floats

STEPS, CLOSE, FARTHEST = 40, 1e-7, 2.0
MOST = 30.0


def fit(counts: Floats, design: Floats, offset: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Log-linear Poisson fits: coefficients (n, p) and their covariances (n, p, p).

    `counts` and `offset` (log of the exposure) have shape (n, cells), `design` (cells, p). `ridge` (p,) holds the
    precision of a normal prior around zero for each coefficient, so that a class without any amount stays finite.
    Newton's steps (McCullagh and Nelder, Generalized Linear Models, 1989, chapter 2), all rows in one batch.
    """
    n, p = len(counts), design.shape[1]
    beta = np.zeros((n, p))
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(design), p * p)
    prior = np.diag(ridge)
    for _step in range(STEPS):
        fitted = mean(beta, design, offset)
        slope = (counts - fitted) @ design - ridge * beta
        move = np.linalg.solve((fitted @ squares).reshape(n, p, p) + prior, slope[:, :, None])[:, :, 0]
        far = np.abs(move).max(axis=1, initial=0.0)
        beta += move * np.minimum(1.0, FARTHEST / np.maximum(far, 1e-12))[:, None]
        if far.max(initial=0.0) < CLOSE:
            break
    fitted = mean(beta, design, offset)
    return beta, np.asarray(np.linalg.inv((fitted @ squares).reshape(n, p, p) + prior), dtype=np.float64)


def mean(beta: Floats, design: Floats, offset: Floats) -> Floats:
    """Expected counts (n, cells) of fitted rows."""
    return np.exp(np.clip(beta @ design.T + offset, -MOST, MOST))
