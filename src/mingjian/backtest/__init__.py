"""Backtest: run a model, a draft too, over past days with no look-ahead, and say what it would have meant.

Hits by week, overlap with live models, precision from known verdicts, alerts per unit and week.
"""

from mingjian.backtest.simulate import Comparison, backtest, compare

__all__ = ["Comparison", "backtest", "compare"]
