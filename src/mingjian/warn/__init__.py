"""Warn: findings become warnings, with fingerprint, named reason, bundle and explanation."""

from mingjian.warn.stage import as_finding, warn_sector

__all__ = ["as_finding", "warn_sector"]
