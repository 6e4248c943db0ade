"""Verdicts make the order better: a statistical model's warnings re-ranked by what inspectors found before."""

from mingjian.rerank.gate import Reason, Trial, walk_forward
from mingjian.rerank.learn import Reranked, rerank
from mingjian.rerank.stage import rerank_all, rerank_model, statistical

__all__ = [
    "Reason",
    "Reranked",
    "Trial",
    "rerank",
    "rerank_all",
    "rerank_model",
    "statistical",
    "walk_forward",
]
