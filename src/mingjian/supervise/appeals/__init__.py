"""Appeals: filed by a person or unit, decided by another level, and what an upheld one corrects (catalogue §4.7)."""

from mingjian.supervise.appeals.decide import Decision, take_step
from mingjian.supervise.appeals.file import file
from mingjian.supervise.appeals.overdue import chase_overdue

__all__ = ["Decision", "chase_overdue", "file", "take_step"]
