"""Detect: run rules and statistical models over snapshots and write findings."""

from mingjian.detect.stage import detect_group, groups_of

__all__ = ["detect_group", "groups_of"]
