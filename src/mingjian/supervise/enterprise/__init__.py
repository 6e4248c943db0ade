"""Enterprise issues (三员, catalogue §4.5): 司号员 collects and presses, 勤务员 and 指导员 answer, the enterprise is called back."""

from mingjian.supervise.enterprise.collect import Collected, collect
from mingjian.supervise.enterprise.overdue import raise_overdue
from mingjian.supervise.enterprise.steps import Said, last_promise, may_answer, take_step

__all__ = ["Collected", "Said", "collect", "last_promise", "may_answer", "raise_overdue", "take_step"]
