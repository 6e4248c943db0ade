"""Supervision: warnings become orders, orders get lights and tiers, people take steps; all of it recorded."""

from mingjian.supervise.dispatch import dispatch
from mingjian.supervise.recheck.stage import recheck
from mingjian.supervise.service import act
from mingjian.supervise.sweep import sweep

__all__ = ["act", "dispatch", "recheck", "sweep"]
