"""Tests of how money amounts are distributed: leading digits, last digits, repeats, bunching below a limit."""

from mingjian.detect.amounts.benford import Benford, benford
from mingjian.detect.amounts.bunching import Bunching, bunching
from mingjian.detect.amounts.endings import Endings, last_two_digits
from mingjian.detect.amounts.repeats import repeated_amounts

__all__ = [
    "Benford",
    "Bunching",
    "Endings",
    "benford",
    "bunching",
    "last_two_digits",
    "repeated_amounts",
]
