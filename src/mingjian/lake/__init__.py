"""The lake: Delta tables on disk; a version number is a snapshot."""

from mingjian.lake.delta import Lake

__all__ = ["Lake"]
