"""Make a backup while the service goes on working."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from mingjian.backup import manifest as manifests
from mingjian.backup.manifest import BackupError, Manifest, Rows
from mingjian.backup.places import LAKE, SECRET, files_below, kept_entries
from mingjian.backup.writing import File, copied, packed, private, settle
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.lake import files as lake_files
from mingjian.store import audit, db, dump
from mingjian.store.tables import audit_log


def back_up(
    engine: Engine, home: Path, target: Path, clock: Clock, actor: str, *, with_secrets: bool
) -> Manifest:
    """Write a backup into the new folder `target`; returns its manifest. The act is audited.

    The store is read in one snapshot. The lake is taken at the versions current right after that snapshot began: a
    stage writes the lake first and the store after it, so every version that the store names is there. The folder
    gets its name when all is written, so a folder of that name is whole. BackupError when it is there already, or when
    the store was never set up.
    """
    draft = target.with_name(f"{target.name}.partial")
    for folder in (target, draft):
        if folder.exists():
            raise BackupError(
                _("{f} 已存在", f=folder),
                hint=_("每次备份用新目录，例如以日期命名；.partial 是中断的备份，可以删除"),
            )
    os.makedirs(draft, mode=0o700)
    made = _written(engine, home, draft, clock, with_secrets=with_secrets)
    checksum = manifests.write(made, draft)
    settle(draft)
    draft.rename(target)
    settle(target.parent)
    with engine.begin() as conn:
        audit.record(
            conn,
            at=clock.now(),
            actor=actor,
            action="backup",
            object_kind="backup",
            object_id=checksum[:16],
            detail={"sha256": checksum, "bytes": made.size, "with_secrets": with_secrets},
        )
    return made


def _written(engine: Engine, home: Path, draft: Path, clock: Clock, *, with_secrets: bool) -> Manifest:
    files: dict[str, File] = {}
    with dump.snapshot(engine) as conn:
        revision = db.revision_of(conn)  # the snapshot begins here
        if revision is None:
            raise BackupError(_("数据库还没有建立"), hint=_("先运行 mingjian db upgrade 或 mingjian run"))
        taken_at, lake = clock.now(), lake_files.versions(home / LAKE)
        tables = _dump_tables(conn, draft, files)
        sequences = dump.sequences(conn)
        audit_rows = conn.scalar(select(func.count()).select_from(audit_log)) or 0
        # What an older schema holds is checked when it is restored: the check reads tables of the newest.
        broken_at = audit.verify(conn) if revision == db.head() else None
    for name, source in _sources(home, lake, with_secrets):
        try:
            files[name] = copied(source, draft / name)
        except FileNotFoundError:
            if name.startswith(f"{LAKE}/"):
                raise  # what the lake's log names must be there; elsewhere a message may have just left
    return Manifest(
        taken_at=taken_at.isoformat(),
        program=version("mingjian"),
        revision=revision,
        with_secrets=with_secrets,
        audit_rows=audit_rows,
        audit_broken_at=broken_at,
        tables=tables,
        sequences=sequences,
        lake=lake,
        files=files,
    )


def _dump_tables(conn: Connection, draft: Path, files: dict[str, File]) -> dict[str, Rows]:
    """Dump every table in the order in which they are to be loaded."""
    found = {}
    for table in dump.tables(conn):
        name = table_file(table.full_name)
        with private(draft / name) as file, packed(file) as packing:
            rows = dump.copy_out(conn, table, packing.write)
        files[name] = file.told
        found[table.full_name] = Rows(table.columns, rows)
    return found


def table_file(full_name: str) -> str:
    """Where a table's rows lie in a backup."""
    return f"store/{full_name}.copy.gz"


def _sources(home: Path, lake: dict[str, int], with_secrets: bool) -> Iterator[tuple[str, Path]]:
    """Each file to copy: its path in the backup, and where it lies now."""
    for table, newest in lake.items():
        folder = home / LAKE / table
        for name in lake_files.files_of(folder, newest):
            yield f"{LAKE}/{table}/{name}", folder / name
    others = [name for name in kept_entries(home) if name != LAKE]
    for name in others:
        for path in files_below(home / name):
            yield f"home/{path.relative_to(home).as_posix()}", path
    for path in files_below(home / SECRET) if with_secrets else ():
        yield path.relative_to(home).as_posix(), path
