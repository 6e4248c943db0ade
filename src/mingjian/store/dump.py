"""The whole store as PostgreSQL's own COPY text: out of one snapshot, and back into an empty schema.

COPY and not pg_dump: the text of one server loads into another of any version from 15 up, the schema comes from our
own migrations, and everything fits into one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import Connection, Engine, text

USED = ("audit_log", "stage_run", "unit", "app_user")  # a store that ever worked has rows in one of these

_TABLES = text("""
SELECT c.oid, n.nspname AS schema, c.relname AS name,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       (SELECT array_agg(DISTINCT k.confrelid) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS refers_to
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> 'alembic_version'
ORDER BY n.nspname, c.relname
""")
_TRIGGERS = text("""
SELECT t.tgrelid::regclass::text AS of, quote_ident(t.tgname) AS name, t.tgenabled::text AS state
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND n.nspname !~ '^pg_' AND t.tgparentid = 0
""")
_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


@dataclass(frozen=True)
class StoredTable:
    """A table with the columns that hold data; generated columns are made anew."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`, as the manifest writes it."""
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        """The name as SQL takes it."""
        return f'"{self.schema}"."{self.name}"'


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A read-only transaction that sees the store as it stands at its first statement, whoever writes meanwhile."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
        conn.execute(text("SET TRANSACTION READ ONLY"))
        yield conn


def tables(conn: Connection) -> list[StoredTable]:
    """Every table but alembic's own, those that others refer to first."""
    rows = {row["oid"]: row for row in conn.execute(_TABLES).mappings()}
    before = {oid: [r for r in row["refers_to"] or () if r in rows] for oid, row in rows.items()}
    order = TopologicalSorter(before).static_order()
    return [StoredTable(rows[o]["schema"], rows[o]["name"], tuple(rows[o]["columns"])) for o in order]


def copy_out(conn: Connection, table: StoredTable, write: Callable[[bytes], Any]) -> int:
    """Hand a table's rows to `write`, piece by piece; returns how many rows there were."""
    with _cursor(conn) as cursor:
        with cursor.copy(f"COPY (SELECT {_list(table)} FROM {table.quoted}) TO STDOUT") as copy:
            for piece in copy:
                write(bytes(piece))
        return int(cursor.rowcount)


def copy_in(conn: Connection, table: StoredTable, pieces: Iterable[bytes]) -> int:
    """Load rows that `copy_out` gave; returns how many. Raises as an insert does."""
    with _cursor(conn) as cursor:
        with cursor.copy(f"COPY {table.quoted} ({_list(table)}) FROM STDIN") as copy:
            for piece in pieces:
                copy.write(piece)
        return int(cursor.rowcount)


def sequences(conn: Connection) -> dict[str, int]:
    """The last number each sequence gave; those never asked are left out."""
    rows = conn.execute(
        text("SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences")
    )
    return {row.name: row.last_value for row in rows if row.last_value is not None}


def set_sequences(conn: Connection, last: dict[str, int]) -> None:
    """Let sequences go on after the given numbers; one that is no longer there is passed over."""
    values = [{"name": name, "last": number} for name, number in last.items()]
    if values:
        conn.execute(
            text("SELECT setval(to_regclass(:name), :last) WHERE to_regclass(:name) IS NOT NULL"), values
        )


def is_used(conn: Connection) -> bool:
    """Whether this store has ever worked: a fresh schema and an empty database have not."""
    there = [t for t in USED if conn.scalar(text("SELECT to_regclass(:t)"), {"t": f"public.{t}"})]
    return any(conn.scalar(text(f"SELECT EXISTS (SELECT 1 FROM public.{t})")) for t in there)


def empty(conn: Connection, filled: Sequence[StoredTable]) -> None:
    """Remove all rows of all these tables."""
    if filled:
        conn.execute(text(f"TRUNCATE {', '.join(t.quoted for t in filled)}"))


@contextmanager
def triggers_off(conn: Connection) -> Iterator[None]:
    """Our own triggers rest meanwhile (append-only tables refuse even a restore); foreign keys still hold.

    Needs the owner of the tables, which the login that migrates is.
    """
    resting = conn.execute(_TRIGGERS).mappings().all()
    for trigger in resting:
        conn.execute(text(f"ALTER TABLE {trigger['of']} DISABLE TRIGGER {trigger['name']}"))
    yield
    conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for trigger in resting:
        conn.execute(
            text(f"ALTER TABLE {trigger['of']} {_ENABLE[trigger['state']]} TRIGGER {trigger['name']}")
        )


def _cursor(conn: Connection) -> Any:
    """psycopg's own cursor: SQLAlchemy has no COPY."""
    driver: Any = conn.connection.driver_connection
    return driver.cursor()


def _list(table: StoredTable) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)
