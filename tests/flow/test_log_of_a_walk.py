"""What a whole walk writes to the log: every stage, and nothing of the people whose rows went through it."""

from __future__ import annotations

import json

import pytest

from mingjian import flow
from tests.flow.conftest import IDS, TinyCity

NAMES = ("新城区民政局", "市民政局", "低保")


def test_a_walk_is_told_by_stage_and_names_nobody(
    city: TinyCity, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGJIAN_LOG", "debug")
    city.write("deaths.csv", "编号,姓名,手机\n1,张三,13812345678\n")  # its columns are gone: the pull fails
    done = list(flow.walk(city.open(), ["subsidy", "process"]))
    err = capsys.readouterr().err
    said = [json.loads(line) for line in err.splitlines()]
    told = [(x["stage"], x["key"], x["event"] == "stage_failed") for x in said if "stage" in x]
    assert told == [(d.stage, d.key, d.error is not None) for d in done]
    assert ("pull", "deaths", True) in told
    assert [text for text in (*IDS.values(), *NAMES, "张三", "13812345678") if text in err] == []


def test_a_fault_in_a_stage_is_told_by_class_and_not_by_its_text(
    city: TinyCity, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGJIAN_LOG", "info")

    def faulty(_run: object, _key: str) -> dict[str, int]:
        raise ValueError("张三")

    with pytest.raises(ValueError, match="张三"):
        flow.perform(city.open(), flow.Stage("pull", lambda _run, _sector: ["x"], faulty), "x")
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["key"], line["error"]) == ("stage_failed", "x", "ValueError")
    assert "张三" not in str(line)
