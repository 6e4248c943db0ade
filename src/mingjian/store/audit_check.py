"""Checking the audit log: one stream over its rows in constant memory, and every fault named.

A row's hash covers its content, its number and the hash before it. So a changed row does not fit itself; a row that
fits itself but not its neighbour was put there; and a whole stretch that was written anew, chain and all, does not
fit the anchor taken before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from mingjian.domain.audit import Anchor, AuditReport, Fault, FaultKind
from mingjian.store.audit_chain import GENESIS, digest
from mingjian.store.audit_suspects import Suspects
from mingjian.store.tables import audit_anchor, audit_log

BATCH = 5_000
ANCHORED = ("audit_log", "anchor")  # kind and action of the row that says that an anchor was made


def check(conn: Connection, also: Sequence[Anchor] = (), since: Anchor | None = None) -> AuditReport:
    """Read the log and name every fault. `also` are anchors from outside (paper); `since` starts behind an anchor.

    Others may write meanwhile. Anchors are read before the rows and again behind them: what was made before must be
    in the log, and what the log tells of must be in the table.
    """
    kept = all_anchors(conn)
    start = since.last_id if since else 0
    trusted = [a for a in sorted({*kept, *also}, key=lambda a: a.last_id) if a.last_id > start]
    walk = _Walk(trusted, since)
    rows = select(audit_log).where(audit_log.c.id > start) if since else select(audit_log)
    rows = rows.order_by(audit_log.c.id).execution_options(stream_results=True, yield_per=BATCH)
    for row in conn.execute(rows).mappings():
        walk.take(row)
    return walk.report(kept, all_anchors(conn))


def all_anchors(conn: Connection) -> list[Anchor]:
    """Every kept anchor, by the row it pins."""
    a = audit_anchor.c
    return [
        Anchor(r.day, r.last_id, r.rows, r.hash)
        for r in conn.execute(select(a.day, a.last_id, a.rows, a.hash).order_by(a.last_id, a.day))
    ]


class _Walk:
    """One pass. A segment is a stretch of rows that fit themselves and each other; anchors vouch for its head."""

    def __init__(self, anchors: Sequence[Anchor], since: Anchor | None) -> None:
        self.faults: list[Fault] = []
        self.suspects = Suspects()
        self.anchors = iter(anchors)
        self.anchor = next(self.anchors, None)
        self.last_anchor = anchors[-1] if anchors else None
        self.held = self.rows = 0
        self.logged: set[tuple[str, int, int, str]] = set()
        self.start = self.last_id = since.last_id if since else 0
        self.hash = since.hash if since else GENESIS
        self.whole = True
        self.vouched = self.last_id  # the last row that an anchor knows
        self.segment = self.last_id + 1  # where this segment starts
        self.refuted = 0  # the last row of the stretch that an anchor has spoken against
        self.back = 0  # where the stretch before the doubt starts
        self.doubt: tuple[int | None, int] | None = (
            None  # neighbours that do not fit: one of them was replaced
        )

    def take(self, row: RowMapping) -> None:
        self.rows += 1
        number, found = row["id"], digest(row)
        if number <= 0:
            self._fault(FaultKind.FORGED, number)
            return
        gap = number > self.last_id + 1
        if gap:
            self._end_segment(number)
            self._fault(FaultKind.MISSING, self.last_id + 1, number - 1)
        if found != row["hash"]:
            self._end_segment(number + 1)
            self.suspects.add(row)
        elif gap or not self.whole:
            self._end_segment(number)
        else:
            self._link(number, row["prev_hash"])
        self.last_id, self.hash, self.whole = number, row["hash"], found == row["hash"]
        self._ask_anchors()
        if (row["object_kind"], row["action"]) == ANCHORED:
            said = row["detail"]
            self.logged.add((str(said["day"]), said["last_id"], said["rows"], said["hash"]))

    def report(self, before: Sequence[Anchor], after: Sequence[Anchor]) -> AuditReport:
        """What was found, with the anchors that the table held before and after the rows were read."""
        self._settle()
        last = self.last_anchor
        if last and last.last_id > self.last_id:
            self._fault(FaultKind.CUT_OFF, self.last_id + 1, last.last_id, anchor=last.day)
        differ = (_told(before) - self.logged) | (self.logged - _told(after))
        for day, last_id in {(day, last_id) for day, last_id, *_rest in differ}:
            if self.start < last_id <= self.last_id:
                self._fault(FaultKind.ANCHOR, last_id, anchor=date.fromisoformat(day))
        missing = (n for f in self.faults if f.kind is FaultKind.MISSING for n in range(f.first, f.last + 1))
        faults = [*self.faults, *self.suspects.judged(missing, self.last_id)]
        behind = self.last_id - max(self.vouched, 0)
        faults.sort(key=lambda fault: (fault.first, fault.kind))
        return AuditReport(self.rows, self.last_id, self.hash, self.held, behind, _merged(faults))

    def _link(self, number: int, prev_hash: str) -> None:
        """This row follows the one before, or the two do not know each other."""
        before = self.last_id
        if prev_hash == self.hash:
            if self.doubt == (None, before):
                self.doubt = None  # the row before it was the forged one, and this one vouches for the rest
            return
        if number == 1:
            self._refute(number)
        elif self.doubt and self.doubt[1] == before:
            self._fault(FaultKind.FORGED, before)
            self.doubt = (None, number)
            self.segment = number
        elif self.vouched == before:
            self._refute(number)
        else:
            self._settle()
            self.back = max(self.vouched + 1, self.segment, self.refuted + 1)
            self.doubt = (before, number) if self.refuted < before else None
            self.segment = number

    def _refute(self, number: int) -> None:
        """This row fits itself, but the one before it is known to be right."""
        self._end_segment(number)
        self._fault(FaultKind.FORGED, number)
        self.refuted = number

    def _ask_anchors(self) -> None:
        here: list[Anchor] = []
        while self.anchor and self.anchor.last_id <= self.last_id:
            here += [self.anchor] if self.anchor.last_id == self.last_id else []
            self.anchor = next(self.anchors, None)
        if here and self.whole:
            self._ask(here)

    def _ask(self, anchors: Sequence[Anchor]) -> None:
        """Matching anchors vouch for their segment up to here; another one tells that rows were written anew."""
        against = next((a for a in anchors if a.hash != self.hash), None)
        if against is None:
            self.held += len(anchors)
            self.vouched = self.last_id
            if self.doubt and self.doubt[0] is not None:
                back = self.back if self.back < self.doubt[0] else None
                self._fault(FaultKind.FORGED, self.doubt[0], back=back)
            self.doubt = None
        elif self.refuted <= self.segment:
            start = self.doubt[0] or self.doubt[1] if self.doubt else self.segment
            start = max(start, self.vouched + 1, self.refuted + 1)
            if start <= self.last_id:
                self._fault(FaultKind.FORGED, start, self.last_id, anchor=against.day)
            self.doubt, self.refuted = None, self.last_id

    def _settle(self) -> None:
        """Nobody can tell any more which of two neighbours was replaced: name both."""
        if self.doubt:
            first, last = self.doubt
            self._fault(FaultKind.FORGED, first or last, last, unsure=first is not None)
        self.doubt = None

    def _end_segment(self, start: int) -> None:
        self._settle()
        self.segment = start

    def _fault(self, kind: FaultKind, first: int, last: int | None = None, **more: Any) -> None:
        self.faults.append(Fault(first, first if last is None else last, kind, **more))


def _told(anchors: Iterable[Anchor]) -> set[tuple[str, int, int, str]]:
    """Anchors as the log tells of them."""
    return {(str(a.day), a.last_id, a.rows, a.hash) for a in anchors}


def _merged(faults: Iterable[Fault]) -> list[Fault]:
    """Neighbouring rows with the same fault as one stretch."""
    merged: list[Fault] = []
    for fault in faults:
        before = merged[-1] if merged else None
        alike = before and (before.kind, fault.kind) == (FaultKind.EDITED, FaultKind.EDITED)
        if before and alike and fault.first == before.last + 1:
            merged[-1] = Fault(before.first, fault.last, FaultKind.EDITED)
        else:
            merged.append(fault)
    return merged
