"""Warn: findings become warnings, with fingerprint, named reason, bundle and explanation."""

from mingjian.warn.row import as_finding
from mingjian.warn.stage import warn_sector

__all__ = ["as_finding", "warn_sector"]
