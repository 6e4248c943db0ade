"""The gate: expectations over every table, bad rows held, broken tables stopped. Start at `stage.py`."""

from mingjian.gate.hold import list_held, release
from mingjian.gate.page import write_pages
from mingjian.gate.stage import gate_table
from mingjian.gate.state import accept_size
from mingjian.gate.suite import Suite, load_suite, suite_path

__all__ = [
    "Suite",
    "accept_size",
    "gate_table",
    "list_held",
    "load_suite",
    "release",
    "suite_path",
    "write_pages",
]
