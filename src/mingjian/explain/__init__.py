"""Explain: what a warning saw, by which threshold, beside which peers, on which rows, and what would silence it."""

from mingjian.explain.account import Account, explain_warning

__all__ = ["Account", "explain_warning"]
