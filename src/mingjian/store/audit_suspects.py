"""Rows whose hash does not fit: changed, or the content of another number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import RowMapping

from mingjian.domain.audit import Fault, FaultKind
from mingjian.store.audit_chain import digest

MOST = 200  # every pair of these is tried, so the work stays below a second or two


class Suspects:
    """Keeps the first few rows that do not fit, and tells at the end which of them only changed places."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.rest: list[list[int]] = []

    def add(self, row: RowMapping) -> None:
        """Keep the row, or, behind the first few, only its number (neighbours as one stretch)."""
        if len(self.rows) < MOST:
            self.rows.append(dict(row))
        elif self.rest and self.rest[-1][1] == row["id"] - 1:
            self.rest[-1][1] = row["id"]
        else:
            self.rest.append([row["id"], row["id"]])

    def judged(self, missing: Iterable[int], last_id: int) -> Iterator[Fault]:
        """A fault for each: REORDERED where the content fits another number concerned, else EDITED."""
        by_id = {row["id"]: row for row in self.rows}
        numbers = [*by_id, *islice(missing, MOST), last_id + 1]
        for row in self.rows:
            was = next((n for n in numbers if n != row["id"] and _written_as(row, n, by_id.get(n))), None)
            kind = FaultKind.REORDERED if was else FaultKind.EDITED
            yield Fault(row["id"], row["id"], kind, was=was)
        for first, last in self.rest:
            yield Fault(first, last, FaultKind.EDITED)


def _written_as(row: dict[str, Any], number: int, there: dict[str, Any] | None) -> bool:
    """Whether this content was written under `number`: with its own hashes, or with those that lie there now."""
    if digest({**row, "id": number}) == row["hash"]:
        return True
    return (
        there is not None and digest({**row, "id": number, "prev_hash": there["prev_hash"]}) == there["hash"]
    )
