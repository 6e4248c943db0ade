"""The commands as a person types them: figures, JSON, help with an example, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mingjian.cli import app
from tests.flow.conftest import IDS, TinyCity, tiny_city

LISTED = (
    "id model model_version sector subject_kind subject_id period level score fingerprint "
    "first_seen last_seen hits status"
)
BIN = Path(sys.executable).parent / "mingjian"


def commands(group: typer.core.TyperGroup, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


COMMANDS = commands(typer.main.get_command(app))  # type: ignore[arg-type]


def mingjian(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN), *words], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path):  # type: ignore[no-untyped-def]
    """A tiny city after `mingjian run`."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tiny_city(tmp_path_factory.mktemp("cli"), server_url, repo_root, patch) as city,
    ):
        done = mingjian("run", "--sources", str(city.folder), "--as-of", "2026-06-30", "--sector", "subsidy")
        assert done.returncode == 0, done.stdout + done.stderr
        yield city, done.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*command, "--help"])
    assert said.exit_code == 0
    assert "example:" in said.output


def test_run_prints_what_it_did(walked: tuple[TinyCity, str]) -> None:
    _city, said = walked
    for word in ("payouts", "subsidy.deceased_payee", "惠民惠农补贴", "各阶段用时"):
        assert word in said


def test_warnings_list_json(walked: tuple[TinyCity, str]) -> None:
    rows = json.loads(mingjian("warnings", "list", "--json").stdout)
    assert len(rows) == 2
    assert all(set(LISTED.split()) <= set(row) for row in rows)
    assert [row["level"] for row in rows] == ["高", "低"]


def test_warning_is_shown_in_english_by_switch(walked: tuple[TinyCity, str]) -> None:
    first = json.loads(mingjian("warnings", "list", "--json").stdout)[0]["id"]
    assert "A death is recorded" in mingjian("--lang", "en", "warnings", "show", first).stdout
    assert "死亡登记日期" in mingjian("warnings", "show", first).stdout


def test_evaluate_measures_against_a_truth_file(walked: tuple[TinyCity, str]) -> None:
    city, _said = walked
    rows = [("three_months", ""), ("one_month", ""), ("alive", "not a real case")]
    lines = [f"subsidy.deceased_payee,person,{IDS[who]},,{note}" for who, note in rows]
    city.write("truth.csv", "\n".join(["model,subject_kind,subject_id,period,note", *lines]) + "\n")
    done = mingjian("evaluate", "--truth", str(city.folder / "truth.csv"), "--json")
    found = {row["model"]: row for row in json.loads(done.stdout)}["subsidy.deceased_payee"]
    assert found == {
        "model": "subsidy.deceased_payee",
        "planted": 3,
        "found": 2,
        "false": 0,
        "recall": 0.6667,
        "precision": 1.0,
    }


def test_replay_says_how_many_are_identical(walked: tuple[TinyCity, str]) -> None:
    city, _said = walked
    done = mingjian("replay", "--all", "--sources", str(city.folder))
    assert (done.returncode, "2 条一致" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["warnings", "show", "W000"], "W000"),
        (["replay", "W000"], "W000"),
        (["run", "--sector", "nosuch"], "nosuch"),
        (["pull", "nosuch"], "nosuch"),
        (["run", "--sources", "/nonexistent"], "sample-city"),
        (["evaluate", "--truth", "/nonexistent/truth.csv"], "sample-city"),
        (["test", "nosuch.rule"], "nosuch.rule"),
        (["new-rule", "nosuch.rule"], "nosuch.rule"),
        (["letter", "D000"], "D000"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_is_words_and_a_hint(walked: tuple[TinyCity, str], words: list[str], said: str) -> None:
    city, _said = walked
    if words[0] in ("run", "pull", "replay") and "--sources" not in words:
        words = [*words, "--sources", str(city.folder)]
    done = mingjian(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr
