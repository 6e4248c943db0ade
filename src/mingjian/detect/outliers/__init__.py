"""Outliers among peers with PyOD: peer groups, robust scaling, one-shot and fit-then-score detectors, and why.

`one_shot` fits on the rows it judges; `fitted` fits on a past snapshot, kept as a signed record (`records`, `kept`) and
made again weekly (`refit`). `detect/detectors/outlier.py` makes findings of either.
"""

from mingjian.detect.outliers.one_shot import candidate_scores

__all__ = ["candidate_scores"]
