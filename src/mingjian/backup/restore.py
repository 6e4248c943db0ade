"""Bring a backup back: everything or nothing."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from mingjian.backup import manifest as manifests
from mingjian.backup import swap
from mingjian.backup.manifest import BackupError, Manifest
from mingjian.backup.places import SECRET, files_below, kept_entries
from mingjian.backup.save import table_file
from mingjian.backup.swap import Journal
from mingjian.backup.writing import CHUNK, copied
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.store import audit, db, dump

PATIENCE = "30s"  # how long a table may be held by others before the restore gives up


class Step(StrEnum):
    """Where a restore is; handed to `say` as each begins."""

    CHECK = "check"
    COPY = "copy"
    LOAD = "load"
    VERIFY = "verify"
    SWAP = "swap"
    COMMIT = "commit"
    CLEAR = "clear"


def restore(
    engine: Engine,
    home: Path,
    folder: Path,
    clock: Clock,
    actor: str,
    *,
    force: bool = False,
    say: Callable[[Step], None] = lambda _step: None,
) -> Manifest:
    """Restore the backup in `folder` into this store and home; returns its manifest.

    All hashes are checked before anything is touched. The store is filled in one transaction, the folders are put in
    place just before it is committed: a crash at any point leaves what was there, or is undone by the next call.
    With `force` what is there is replaced; without it a store or home that was ever used is refused (BackupError).
    The login must own the tables.
    """
    home.mkdir(parents=True, exist_ok=True)
    _recover(engine, home)
    say(Step.CHECK)
    manifest = manifests.check(folder)
    if not db.knows(manifest.revision):
        raise BackupError(
            _("备份的数据库版本 {r} 为本程序所不识", r=manifest.revision),
            hint=_("请用不低于备份时版本的程序恢复"),
        )
    if not force:
        _refuse_used(engine, home, manifest)
    say(Step.COPY)
    _stage(home, folder, manifest)
    journal = _journal(home, manifest)
    try:
        with engine.begin() as conn:
            say(Step.LOAD)
            _load(conn, folder, manifest)
            say(Step.VERIFY)
            _verify(conn, manifest)
            audit.record(
                conn,
                at=clock.now(),
                actor=actor,
                action="restore",
                object_kind="backup",
                object_id=journal.number,
                detail={"taken_at": manifest.taken_at, "forced": force},
            )
            say(Step.SWAP)
            swap.swap_in(home, journal)
            say(Step.COMMIT)
    except BaseException as error:
        _recover(engine, home)
        if isinstance(error, OperationalError) and "lock timeout" in str(error.orig):
            raise BackupError(
                _("数据库正被使用"), hint=_("先停止网页、Airflow 和其他命令，再恢复")
            ) from error
        raise
    say(Step.CLEAR)
    swap.clear(home)
    return manifest


def _recover(engine: Engine, home: Path) -> None:
    """Bring an earlier restore that was cut off to its end: forwards when the store has it, else back."""
    if not swap.work(home).exists():
        return
    journal = swap.journal_of(home)
    if journal is not None and not _is_committed(engine, journal.number):
        swap.swap_back(home, journal)
    swap.clear(home)


def _is_committed(engine: Engine, number: str) -> bool:
    with engine.connect() as conn:
        if conn.scalar(text("SELECT to_regclass('public.audit_log')")) is None:
            return False
        found = text("SELECT EXISTS (SELECT 1 FROM audit_log WHERE action = 'restore' AND object_id = :n)")
        return bool(conn.scalar(found, {"n": number}))


def _refuse_used(engine: Engine, home: Path, manifest: Manifest) -> None:
    with engine.connect() as conn:
        used = ["PostgreSQL"] if dump.is_used(conn) else []
    entries = [*kept_entries(home), *([SECRET] if manifest.with_secrets else [])]
    used += [name for name in entries if next(files_below(home / name), None) is not None]
    if used:
        raise BackupError(
            _("目标不是空的：{names}", names="、".join(used)),
            hint=_("恢复到新的 MINGJIAN_HOME 和新数据库；确要替换现有数据，加 --force"),
        )


def _stage(home: Path, folder: Path, manifest: Manifest) -> None:
    """Copy the files beside their later place, hashing them once more on the way."""
    for name, told in manifest.files.items():
        kind, _slash, below = name.partition("/")
        if kind == "store":
            continue
        target = swap.work(home) / swap.NEW / (below if kind == "home" else name)
        if copied(folder / name, target) != told:
            raise BackupError(_("{f} 在恢复时变了", f=name), hint=_("请确认备份盘正常后重试"))


def _journal(home: Path, manifest: Manifest) -> Journal:
    staged = swap.work(home) / swap.NEW
    staged.mkdir(mode=0o700, parents=True, exist_ok=True)
    replaced = {*kept_entries(home), *([SECRET] if manifest.with_secrets else [])}
    entries = sorted({entry.name for entry in staged.iterdir()} | replaced)
    had = [name for name in entries if (home / name).exists()]
    return Journal(secrets.token_hex(8), entries, had)


def _load(conn: Connection, folder: Path, manifest: Manifest) -> None:
    """Fill the schema as it stood at the backup, then bring it to the newest version."""
    conn.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    db.bring_to(conn, manifest.revision)
    tables = {table.full_name: table for table in dump.tables(conn)}
    absent = sorted(set(manifest.tables) - set(tables))
    if absent:
        raise BackupError(
            _("数据库中没有备份里的表：{names}", names="、".join(absent)), hint=_("请用备份时的程序版本恢复")
        )
    with dump.triggers_off(conn):
        dump.empty(conn, list(tables.values()))
        for name, table in tables.items():
            if name not in manifest.tables:
                continue
            told = manifest.tables[name]
            stored = dump.StoredTable(table.schema, table.name, told.columns)
            loaded = dump.copy_in(conn, stored, _unpacked(folder / table_file(name)))
            if loaded != told.rows:
                raise BackupError(
                    _("表 {t} 应有 {n} 行，实得 {m} 行", t=name, n=told.rows, m=loaded),
                    hint=_("请改用另一份备份"),
                )
        dump.set_sequences(conn, manifest.sequences)
    db.bring_to(conn, db.head())


def _verify(conn: Connection, manifest: Manifest) -> None:
    """The audit chain must hold as far as it held when the backup was made."""
    broken_at = audit.verify(conn)
    if broken_at != manifest.audit_broken_at:
        raise BackupError(
            _("恢复后的审计链在第 {n} 行不符", n=broken_at),
            hint=_("备份可能被改动过；请改用另一份备份，并报告"),
        )


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        while piece := file.read(CHUNK):
            yield piece
