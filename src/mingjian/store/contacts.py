"""The repository of contacts. Addresses leave it in the clear only for sending."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.contact import Contact, masked
from mingjian.store import audit
from mingjian.store.tables import contact


def write(conn: Connection, contacts: Sequence[Contact], actor: str, at: datetime) -> int:
    """Add contacts or change whether they are active, with one audit row that tells no address; returns how many."""
    rows = {(c.owner_kind, c.owner_id, c.channel, c.address): {**vars(c), "changed_at": at} for c in contacts}
    if not rows:
        return 0
    statement = insert(contact)
    statement = statement.on_conflict_do_update(
        constraint="uq_contact_address",
        set_={"active": statement.excluded.active, "changed_at": statement.excluded.changed_at},
    )
    conn.execute(statement, list(rows.values()))
    owners = sorted({owner for _kind, owner, _channel, _address in rows})
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="write_contacts",
        object_kind="contact",
        object_id=owners[0] if len(owners) == 1 else "",
        detail={"contacts": len(rows), "owners": len(owners)},
    )
    return len(rows)


def of_owners(
    conn: Connection, owners: Collection[str], kinds: Collection[str]
) -> dict[tuple[str, str], list[int]]:
    """(owner, channel) -> ids of active contacts, the newest first."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    if owners and kinds:
        c = contact.c
        rows = select(c.owner_id, c.channel, c.id).where(
            c.owner_id.in_(owners), c.channel.in_(kinds), c.active
        )
        for row in conn.execute(rows.order_by(c.id.desc())):
            found[row.owner_id, row.channel].append(row.id)
    return found


def addresses(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """Addresses in the clear, for sending, of those contacts that are active."""
    if not ids:
        return {}
    rows = conn.execute(
        select(contact.c.id, contact.c.address).where(contact.c.id.in_(ids), contact.c.active)
    )
    return {row.id: row.address for row in rows}


def page(conn: Connection, after: int, limit: int, owner: str | None = None) -> list[tuple[RowMapping, str]]:
    """Contacts with id above `after`, oldest first, each with its masked address; the row holds no address."""
    c = contact.c
    wanted = select(*(column for column in c if column.name != "address"), c.address.label("clear"))
    wanted = wanted.where(c.id > after)
    if owner:
        wanted = wanted.where(c.owner_id == owner)
    return [
        (row, masked(row["clear"])) for row in conn.execute(wanted.order_by(c.id).limit(limit)).mappings()
    ]
