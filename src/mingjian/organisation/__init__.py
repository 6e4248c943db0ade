"""The city's organisation: units and users imported, moved, merged and closed with their history; deputies; duty."""

from mingjian.organisation.load import Imported, import_register

__all__ = ["Imported", "import_register"]
