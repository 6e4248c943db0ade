"""Supervision: warnings become orders, orders get lights and tiers, people take steps; all of it recorded."""

from mingjian.supervise.anchor import anchor
from mingjian.supervise.dispatch import dispatch
from mingjian.supervise.recheck.stage import recheck
from mingjian.supervise.service import act
from mingjian.supervise.sweep import sweep
from mingjian.supervise.terms import terms_of

__all__ = ["act", "anchor", "dispatch", "recheck", "sweep", "terms_of"]
