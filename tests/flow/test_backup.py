"""A city is backed up, lost, and comes back as it was; what is damaged or cut off changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event
from uuid import uuid4

import pyarrow as pa
import pytest
from sqlalchemy import func, insert, select, text, update

from mingjian import flow
from mingjian.backup import Step, check, read
from mingjian.backup.manifest import BackupError
from mingjian.lake import Lake
from mingjian.store import audit, db
from mingjian.store.tables import audit_log, feed, unit
from tests.flow.backup_city import CLOCK, Place, PlaceMaker, place_at
from tests.flow.conftest import TinyCity, tiny_city


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path
) -> Iterator[tuple[TinyCity, Place]]:
    """A tiny city after a walk, with a file of its own and a secret below its home."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tiny_city(tmp_path_factory.mktemp("city"), server_url, repo_root, patch) as city,
    ):
        assert [d.error for d in flow.walk(city.open(), ["subsidy", "process"]) if d.error] == []
        (city.home / "notes").mkdir()
        (city.home / "notes" / "a.txt").write_text("kept as well")
        (city.home / "secret").mkdir(mode=0o700, exist_ok=True)
        (city.home / "secret" / "hash.key").write_text("a key")
        run = city.open()
        yield city, Place(city.home, run.engine.url.render_as_string(hide_password=False), run.engine)


@pytest.fixture(scope="module")
def saved(walked: tuple[TinyCity, Place], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "first"
    walked[1].back_up(folder)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, server_url: str) -> Iterator[PlaceMaker]:
    """Makes empty homes, each with an empty database."""
    made: list[Place] = []

    def make() -> Place:
        name = f"restored_{uuid4().hex[:12]}"
        made.append(place_at(tmp_path / name, db.create_database(server_url, name)))
        return made[-1]

    yield make
    for place in made:
        place.engine.dispose()


def test_a_lost_city_comes_back_as_it_was(
    walked: tuple[TinyCity, Place], saved: Path, elsewhere: PlaceMaker
) -> None:
    city, before = walked
    after = elsewhere()
    manifest = after.restore(saved)
    assert after.rows() == before.rows()
    assert {n: h for n, h in before.files().items() if not n.startswith("secret")} == after.files()
    assert after.replayed(city) == before.replayed(city) == [True, True]
    assert after.audited()[-1] == "restore"
    assert manifest.audit_rows == len(after.audited()) - 1
    with after.engine.connect() as conn:
        assert audit.verify(conn) is None
        assert db.revision_of(conn) == db.head()
    assert not (after.home / ".restore").exists()


def test_the_restored_city_goes_on(
    walked: tuple[TinyCity, Place], saved: Path, elsewhere: PlaceMaker
) -> None:
    """Sequences and lake versions stand where they stood: the next rows and batches do not collide."""
    after = elsewhere()
    after.restore(saved)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINGJIAN_HOME", str(after.home))
        patch.setenv("MINGJIAN_DATABASE_URL", after.url)
        run = walked[0].open(date(2026, 7, 1))
        assert [d.error for d in flow.walk(run, ["subsidy", "process"]) if d.error] == []


def test_secrets_are_kept_only_when_asked_for(
    walked: tuple[TinyCity, Place], saved: Path, elsewhere: PlaceMaker, tmp_path: Path
) -> None:
    assert not any("secret" in name or "key" in name for name in read(saved).files)
    walked[1].back_up(tmp_path / "whole", with_secrets=True)
    after = elsewhere()
    after.restore(tmp_path / "whole")
    key = after.home / "secret" / "hash.key"
    assert key.read_text() == "a key"
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_backup_is_for_its_owner_alone(saved: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in [saved, *saved.rglob("*")]} == {0}


@pytest.mark.parametrize("victim", ["store/public.warning.copy.gz", "lake", "manifest.json"])
def test_a_flipped_byte_is_named_and_nothing_is_restored(
    saved: Path, elsewhere: PlaceMaker, tmp_path: Path, victim: str
) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(saved), str(copy)], check=True)
    path = next((copy / "lake").rglob("*.parquet")) if victim == "lake" else copy / victim
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    after = elsewhere()
    with pytest.raises(BackupError) as refused:
        after.restore(copy)
    assert path.relative_to(copy).as_posix() in refused.value.message
    assert (after.rows(), after.files()) == ({}, {})


def test_a_missing_file_is_named(saved: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(saved), str(copy)], check=True)
    (copy / "store/public.unit.copy.gz").unlink()
    with pytest.raises(BackupError, match=r"public\.unit"):
        check(copy)


def test_a_path_that_leads_outside_is_not_followed(saved: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(saved), str(copy)], check=True)
    told = json.loads((copy / "manifest.json").read_text())
    told["files"]["home/../../evil"] = next(iter(told["files"].values()))
    (copy / "manifest.json").write_text(json.dumps(told))
    sum_of = subprocess.run(
        ["sha256sum", "manifest.json"], cwd=copy, capture_output=True, text=True, check=True
    )
    (copy / "manifest.sha256").write_text(sum_of.stdout)
    with pytest.raises(BackupError, match="evil"):
        check(copy)


def test_a_used_place_is_refused_and_replaced_only_by_force(
    walked: tuple[TinyCity, Place], saved: Path, elsewhere: PlaceMaker
) -> None:
    after = elsewhere()
    after.restore(saved)
    with after.engine.begin() as conn:
        conn.execute(update(feed).values(error="changed since"))
    (after.home / "notes" / "later.txt").write_text("made since")
    with pytest.raises(BackupError, match="PostgreSQL"):
        after.restore(saved)
    assert after.rows() != walked[1].rows()
    after.restore(saved, force=True)
    assert after.rows() == walked[1].rows()
    assert not (after.home / "notes" / "later.txt").exists()


def test_a_backup_never_overwrites(walked: tuple[TinyCity, Place], saved: Path) -> None:
    with pytest.raises(BackupError):
        walked[1].back_up(saved)


def test_an_older_schema_is_brought_up_to_date(
    walked: tuple[TinyCity, Place], elsewhere: PlaceMaker, tmp_path: Path
) -> None:
    old = elsewhere()
    db.upgrade(old.engine, "0003")
    with old.engine.begin() as conn:
        conn.execute(insert(unit).values(id="U", path="/U/", name="一个单位", level="city"))
    assert old.back_up(tmp_path / "old").revision == "0003"
    after = elsewhere()
    after.restore(tmp_path / "old")
    with after.engine.connect() as conn:
        assert conn.scalar(select(unit.c.name)) == "一个单位"
        assert db.revision_of(conn) == db.head()


def test_append_only_tables_are_restored_and_stay_append_only(saved: Path, elsewhere: PlaceMaker) -> None:
    """A trigger that refuses all changes, as a guarded audit log has, rests during the restore and no longer."""
    after = elsewhere()
    db.upgrade(after.engine)
    with after.engine.begin() as conn:
        conn.execute(text(REFUSE))
    after.restore(saved)
    with pytest.raises(Exception, match="append-only"), after.engine.begin() as conn:
        conn.execute(text("DELETE FROM audit_log"))


REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append-only'; END $$;
CREATE TRIGGER refuse_row BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse_all BEFORE TRUNCATE ON audit_log EXECUTE FUNCTION refuse();
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER refuse_row;
"""


def test_a_backup_taken_while_writers_write_is_consistent(
    walked: tuple[TinyCity, Place], elsewhere: PlaceMaker, tmp_path: Path
) -> None:
    """Each writer adds a unit and its audit row in one transaction, and a lake version before the feed that names it."""
    before, stop = walked[1], Event()
    lake = Lake(before.home / "lake")

    def write(name: str) -> int:
        done = 0
        while not stop.is_set():
            done += 1
            batch = pa.table({"n": [done], "_batch": [f"{name}-{done}"]})
            version = lake.append_batch(f"busy_{name}", batch)
            with before.engine.begin() as conn:
                id = f"busy-{name}-{done}"
                conn.execute(insert(unit).values(id=id, path=f"/{id}/", name=id, level="town"))
                said = {"action": "busy", "object_kind": "unit", "object_id": id}
                audit.record(conn, at=CLOCK.now(), actor="writer", **said)
                row = {"as_of": date(2026, 7, 1), "pulled_at": CLOCK.now(), "reason": "pulled"}
                if done == 1:
                    conn.execute(insert(feed).values(source=f"busy_{name}", table_name="busy", **row))
                conn.execute(update(feed).where(feed.c.source == f"busy_{name}").values(lake_version=version))
        return done

    with ThreadPoolExecutor(2) as writers:
        busy = [writers.submit(write, name) for name in ("one", "two")]
        try:
            while not all((lake.version("raw", f"busy_{n}") or 0) > 2 for n in ("one", "two")):
                assert not any(b.done() for b in busy), [b.result() for b in busy]
            for n in range(3):
                before.back_up(tmp_path / str(n))
        finally:
            stop.set()
        written = sum(b.result() for b in busy)
    for n in range(3):
        after = elsewhere()
        after.restore(tmp_path / str(n))
        with after.engine.connect() as conn:
            units = conn.scalar(select(func.count()).where(unit.c.id.startswith("busy-")))
            acts = conn.scalar(select(func.count()).where(audit_log.c.action == "busy"))
            named = conn.execute(
                select(feed.c.source, feed.c.lake_version).where(feed.c.table_name == "busy")
            )
            assert 0 < units == acts < written
            for source, version in named:
                restored = Lake(after.home / "lake")
                assert len(restored.uris("raw", source, version)) == version + 1
                assert (restored.version("raw", source) or 0) >= version


CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from mingjian.backup import Step, restore
from mingjian.domain.clock import SystemClock
from mingjian.store import db

folder, home, url, victim = sys.argv[1:]

def say(step):
    if step == victim:
        os.kill(os.getpid(), signal.SIGKILL)

restore(db.connect(url), Path(home), Path(folder), SystemClock(), "keeper", force=True, say=say)
"""


@pytest.mark.parametrize("step", [Step.COPY, Step.LOAD, Step.VERIFY, Step.SWAP, Step.COMMIT, Step.CLEAR])
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_and_can_be_run_again(
    saved: Path, elsewhere: PlaceMaker, tmp_path: Path, step: Step
) -> None:
    after, script, other = elsewhere(), tmp_path / "child.py", tmp_path / "other"
    after.restore(saved)
    new = (after.rows(), after.files())
    with after.engine.begin() as conn:
        conn.execute(update(feed).values(error="changed since"))
    (after.home / "notes" / "a.txt").write_text("changed since")
    old = (after.rows(), after.files())
    script.write_text(CHILD, encoding="utf-8")
    died = subprocess.run(
        [sys.executable, str(script), str(saved), str(after.home), after.url, step],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    with pytest.raises(BackupError):  # it looks after what was left before it refuses
        after.restore(other)
    assert (after.rows(), after.files()) == (new if step is Step.CLEAR else old)
    after.restore(saved, force=True)
    assert (after.rows(), after.files()) == new


def test_the_commands_back_up_check_and_restore(
    walked: tuple[TinyCity, Place], elsewhere: PlaceMaker, tmp_path: Path
) -> None:
    program, after, folder = (
        str(Path(sys.executable).parent / "mingjian"),
        elsewhere(),
        str(tmp_path / "by-command"),
    )

    def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *words],
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"COLUMNS": "300"} | env,
        )

    made = run("backup", folder)
    assert (made.returncode, "密钥不在备份中" in made.stdout) == (0, True), made.stderr
    assert "备份完好" in run("restore", folder, "--check").stdout
    back = run("restore", folder, "--into", str(after.home), MINGJIAN_DATABASE_URL=after.url)
    assert (back.returncode, "已恢复到" in back.stdout, "没有密钥" in back.stdout) == (0, True, True), (
        back.stderr
    )
    assert after.rows() == walked[1].rows()
    again = run("restore", folder)
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    assert walked[1].audited()[-1] == "backup"
