"""Which records name the same person, company or place: blocking, comparison by field, match probability."""

from mingjian.detect.entities.addresses import Address, parse_address
from mingjian.detect.entities.resolve import Resolution, resolve

__all__ = ["Address", "Resolution", "parse_address", "resolve"]
