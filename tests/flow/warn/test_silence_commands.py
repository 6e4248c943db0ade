"""`mingjian models`, `params`, `snooze` and `except` as a person types them, on a walked tiny city."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.conftest import TinyCity, tiny_city

BIN = Path(sys.executable).parent / "mingjian"
RULE = "subsidy.deceased_payee"


def mingjian(*words: str) -> str:
    """What a command says, both streams; its exit code must be 0."""
    done = subprocess.run([str(BIN), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refused(*words: str) -> str:
    done = subprocess.run([str(BIN), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    return done.stderr


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path) -> Iterator[TinyCity]:
    """A tiny city of 2026-06-30 after its first walk."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tiny_city(tmp_path_factory.mktemp("silence"), server_url, repo_root, patch) as city,
    ):
        city.write("city.yaml", "as_of: 2026-06-30\n")
        patch.setenv("MINGJIAN_SOURCES", str(city.folder))
        mingjian("run", "--sector", "subsidy")
        yield city


def first_warning() -> dict[str, str]:
    return json.loads(mingjian("warnings", "list", "--json"))[0]


def test_models_are_listed_with_what_a_shadow_waits_for(walked: TinyCity) -> None:
    shadows = json.loads(mingjian("models", "--status", "shadow", "--json"))
    held = {m["id"]: m["why"] for m in shadows}
    assert "依据 B08 未经主管部门确认" in held["subsidy.shared_account"]
    walked.write(
        "authority.yaml",
        "models: {subsidy.shared_account: [{code: B08, document: 文, by: 市财政局, day: 2026-01-01}]}\n",
    )
    live = [m["id"] for m in json.loads(mingjian("models", "--status", "live", "--json"))]
    assert "subsidy.shared_account" in live and RULE in live
    assert "subsidy.shared_account" in mingjian("models")


def test_a_parameter_is_set_listed_and_ended(walked: TinyCity) -> None:
    said = mingjian("params", "set", RULE, "grace_months", "9月", "--reason", "试行", "--actor", "steward")
    assert "grace_months = 9 月" in said and "2026-06-30" in said
    listed = mingjian("params", "list", RULE)
    assert "grace_months" in listed and "试行" in listed and "按月发放的宽限月数" in listed
    assert "应为整数" in refused("params", "set", RULE, "grace_months", "1.5", "--reason", "x")
    assert "没有参数" in refused("params", "set", RULE, "grace", "1", "--reason", "x")
    assert "六位" in refused("params", "set", RULE, "grace_days", "1", "--reason", "x", "--district", "15")
    assert "早于" in refused("params", "set", RULE, "grace_days", "1", "--reason", "x", "--to", "2020-01-01")
    assert "grace_months" in mingjian("params", "end", "1")
    assert "没有编号" in refused("params", "end", "99")


def test_a_warning_is_snoozed_listed_and_woken(walked: TinyCity) -> None:
    one = first_warning()["id"]
    assert "2026-07-31" in mingjian("snooze", one, "--until", "2026-07-31", "--reason", "专项审计")
    assert one in mingjian("snooze") and "专项审计" in mingjian("snooze")
    assert "已结束" in mingjian("snooze", one, "--end")
    assert "没有生效中的暂缓" in refused("snooze", one, "--end")
    assert "哪天" in refused("snooze", one)
    assert "理由" in refused("snooze", one, "--until", "2026-07-31")
    assert "没有预警" in refused("snooze", "W0", "--until", "2026-07-31", "--reason", "x")


def test_a_subject_is_listed_as_an_exception_and_taken_off(walked: TinyCity) -> None:
    one = first_warning()
    paper = ("--to", "2026-12-31", "--document", "民发〔2026〕8号", "--reason", "集中供养")
    assert "编号 1" in mingjian("except", "add", "--warning", one["id"], *paper)
    assert "编号 2" in mingjian(
        "except", "add", "--kind", "company", "--subject", "91X", "--every-model", *paper
    )
    listed = mingjian("except", "list")
    assert RULE in listed and "全部模型" in listed and "民发〔2026〕8号" in listed
    assert "哪个模型" in refused("except", "add", "--kind", "company", "--subject", "91X", *paper)
    assert "对象" in refused("except", "add", "--model", RULE, *paper)
    assert "没有模型" in refused("except", "add", "--warning", one["id"], "--model", "no.such", *paper)
    assert "失效" in mingjian("except", "end", "1")
    assert "审计链完整" in mingjian("audit", "verify")
