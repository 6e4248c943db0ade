"""Supervision: warnings become orders, orders get lights and tiers, people take steps; all of it recorded."""

from mingjian.supervise.anchor import anchor
from mingjian.supervise.bulk import Outcome, assign_many, dispatch_many, merge_many
from mingjian.supervise.campaign.calls import Call, CallDone, call_back
from mingjian.supervise.campaign.stage import campaigns
from mingjian.supervise.dispatch import dispatch
from mingjian.supervise.recheck.stage import recheck
from mingjian.supervise.service import act
from mingjian.supervise.sweep import sweep
from mingjian.supervise.terms import terms_of
from mingjian.supervise.urge import urge_many

__all__ = [
    "Call",
    "CallDone",
    "Outcome",
    "act",
    "anchor",
    "assign_many",
    "call_back",
    "campaigns",
    "dispatch",
    "dispatch_many",
    "merge_many",
    "recheck",
    "sweep",
    "terms_of",
    "urge_many",
]
