"""What a unit complained about must not learn of who complained. One place decides, for pages, API and letters alike.

A handling unit may be the one complained about, and a row rarely says so; so a handler is shown what leads to a
complainant only where the row says that it is no secret.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

COLUMN = "complainant_hash"  # a table that has it holds what people asked for
LEAD_TO_A_HOME = frozenset({"address_id"})
# Warnings made from complaints at one place: the id is then the address, with the topic behind it.
_KINDS_BY_PLACE = frozenset({"complaint_group", "complaint_subject", "place"})
_NOT_A_PLACE = ("project|", "company|")


def leads_to_one(columns: Collection[str], row: Mapping[str, Any], name: str, *, personal: bool) -> bool:
    """Whether a cell may lead to a complainant: what is personal, and the address, in a table of requests or about one."""
    of_requests = COLUMN in columns or row.get("object_kind") == "complaint"
    return of_requests and (personal or name in LEAD_TO_A_HOME)


def is_no_secret(row: Mapping[str, Any]) -> bool:
    """Only a row that says so: unknown counts as secret."""
    return row.get("is_secret") is False


def names_one(kind: str, subject_id: str) -> bool:
    """Whether a warning's subject is a complainant, or the place that requests came from."""
    by_place = kind in _KINDS_BY_PLACE and "|" in subject_id and not subject_id.startswith(_NOT_A_PLACE)
    return by_place or kind == "complainant"
