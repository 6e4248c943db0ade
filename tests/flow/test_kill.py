"""SIGKILL at every stage boundary: running again gives the same warnings as one clean run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mingjian import flow
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store.tables import order_step, supervision_order, warning
from tests.flow.conftest import AS_OF, TinyCity, tiny_city

SECTORS = ["subsidy", "process"]
STAGES = [stage.name for stage in (*flow.PATH, *flow.TAIL)]

# The child walks the path and dies inside the named stage, its first piece of work done but not journaled.
CHILD = """
import os, signal, sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from mingjian import flow
from mingjian.run import open_run

folder, day, victim, when = sys.argv[1:]

def deadly(stage):
    def work(run, key):
        counts = stage.work(run, key) if when == "after" else {}
        os.kill(os.getpid(), signal.SIGKILL)
        return counts
    return replace(stage, work=work)

flow.PATH = tuple(deadly(s) if s.name == victim else s for s in flow.PATH)
flow.TAIL = tuple(deadly(s) if s.name == victim else s for s in flow.TAIL)
run = open_run(Path(folder), date.fromisoformat(day))
for _step in flow.walk(run, ["subsidy", "process"]):
    pass
"""


def outcome(run: Run) -> dict[str, list[tuple]]:
    """All that a person would see, without row numbers and times."""
    with run.engine.connect() as conn:
        w = [warning.c[c] for c in ("id", "level", "score", "hits", "status", "digest", "explanation")]
        o = [
            supervision_order.c[c]
            for c in ("id", "tier", "unit_id", "state", "light", "accept_due", "finish_due")
        ]
        s = [order_step.c[c] for c in ("object_id", "seq", "action", "to_state")]
        assert audit.verify(conn) is None
        return {
            name: [
                tuple(map(str, r)) for r in conn.execute(select(*columns).order_by(columns[0], columns[1]))
            ]
            for name, columns in (("warnings", w), ("orders", o), ("steps", s))
        }


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", STAGES)
def test_killed_run_then_run_again_equals_a_clean_run(
    city: TinyCity, clean: dict[str, list[tuple]], stage: str, when: str
) -> None:
    child = city.folder.parent / "child.py"  # a file: some libraries look for the main module's own
    child.write_text(CHILD, encoding="utf-8")
    died = subprocess.run(
        [sys.executable, str(child), str(city.folder), AS_OF.isoformat(), stage, when],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    run = city.open()
    assert [d.error for d in flow.walk(run, SECTORS) if d.error] == []
    assert outcome(run) == clean


@pytest.fixture(scope="module")
def clean(
    tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path
) -> Iterator[dict[str, list[tuple]]]:
    """What one run without any accident leaves behind."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tiny_city(tmp_path_factory.mktemp("clean"), server_url, repo_root, patch) as city,
    ):
        run = city.open()
        assert [d.error for d in flow.walk(run, SECTORS) if d.error] == []
        result = outcome(run)
        assert len(result["warnings"]) == 2
        yield result
