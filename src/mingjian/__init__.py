"""Mingjian 明鉴: early warning and supervision of public money and public promises."""

__version__ = "0.1.0"
