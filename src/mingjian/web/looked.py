"""Reading leaves a row too: every page and answer that shows a person's row says here who looked, and for what duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.purpose import purpose_of
from mingjian.store import reads
from mingjian.web.viewer import Office, Viewer


def looked_at_case(
    conn: Connection, office: Office, viewer: Viewer, row: RowMapping, bundle: Sequence[RowMapping]
) -> None:
    """One warning with its evidence, and the others of its bundle that stand beside it. Last in the transaction."""
    reads.one(
        conn,
        row["id"],
        at=office.clock.now(),
        actor=viewer.user.id,
        purpose=purpose_of(viewer.user.role),
        mask=viewer.access.mask.name,
        beside=[other["id"] for other in bundle],
    )


def looked_at_list(
    conn: Connection, office: Office, viewer: Viewer, rows: Sequence[Mapping[Any, Any]], where: str
) -> None:
    """A page of a list: one row for all of its warnings about persons, none when there are none. Last as well."""
    personal = [row["id"] for row in rows if viewer.masker.is_personal(row["subject_kind"], row["model"])]
    reads.many(
        conn,
        personal,
        at=office.clock.now(),
        actor=viewer.user.id,
        purpose=purpose_of(viewer.user.role),
        mask=viewer.access.mask.name,
        where=where,
    )
