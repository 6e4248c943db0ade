"""Explain: what a warning saw, by which threshold, beside which peers, on which rows, and what would silence it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mingjian.explain.account import Account, explain_warning

__all__ = ["Account", "explain_warning"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: pages need the words of this package, not the engines that run a model again.
    if name in __all__:
        from mingjian.explain import account

        return getattr(account, name)
    raise AttributeError(name)
