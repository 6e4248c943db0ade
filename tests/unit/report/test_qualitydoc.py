"""docs/quality.md from results: order, promises not kept, aligned tables, and what is said before any bench ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mingjian.domain.errors import ContentError
from mingjian.report.qualitydoc import render


def keep(folder: Path, name: str, **over: Any) -> None:
    result = {"title": name.title(), "command": f"python {name}", "tables": [], "notes": [], "broken": []}
    (folder / f"{name}.json").write_text(json.dumps(result | over), encoding="utf-8")


def table(*rows: list[Any]) -> dict[str, Any]:
    return {"caption": "Figures.", "columns": ["method", "rate"], "rows": list(rows)}


def headings(page: str) -> list[str]:
    return [line[3:] for line in page.splitlines() if line.startswith("## ")]


def test_before_any_bench_ran_the_page_says_so(tmp_path: Path) -> None:
    assert "No bench has been run yet" in render(tmp_path)
    assert "No bench has been run yet" in render(tmp_path / "nowhere")


def test_known_benches_come_in_their_order_and_others_after_them_by_name(tmp_path: Path) -> None:
    for name in ("zebra", "apple", "rerank", "surge_vs_r", "scan"):
        keep(tmp_path, name)
    assert headings(render(tmp_path)) == ["Contents", "Surge_Vs_R", "Scan", "Rerank", "Apple", "Zebra"]


def test_what_was_not_measured_is_named(tmp_path: Path) -> None:
    keep(tmp_path, "scan")
    said = next(line for line in render(tmp_path).splitlines() if line.startswith("Not measured yet"))
    assert "surge_vs_r" in said and "scan" not in said.split(": ")[1].split(", ")


def test_promises_not_kept_stand_before_everything_else(tmp_path: Path) -> None:
    keep(tmp_path, "scan", title="Scan: place & time", broken=["recall is 0.7, not 0.8"])
    page = render(tmp_path)
    assert headings(page)[0] == "Promises not kept"
    assert "- [Scan: place & time](#scan-place--time): recall is 0.7, not 0.8" in page
    assert "**Not kept:** recall is 0.7, not 0.8" in page.split("## Scan")[1]


def test_without_broken_promises_the_page_says_that_they_held(tmp_path: Path) -> None:
    keep(tmp_path, "scan")
    assert "Every promise that these benches check held" in render(tmp_path)
    assert "Promises not kept" not in render(tmp_path)


def test_numbers_stand_flush_right_and_text_left(tmp_path: Path) -> None:
    rows = table(["ears", 0.5], ["a|b", "12.25 %"], ["none", None], ["interval", "0.95 (0.93–0.97)"])
    keep(tmp_path, "scan", tables=[rows])
    lines = [line for line in render(tmp_path).splitlines() if line.startswith("|")]
    assert lines == [
        "| method   |             rate |",
        "| -------- | ---------------: |",
        "| ears     |              0.5 |",
        "| a\\|b     |          12.25 % |",
        "| none     |                - |",
        "| interval | 0.95 (0.93–0.97) |",
    ]


def test_large_counts_have_separators(tmp_path: Path) -> None:
    keep(tmp_path, "scan", tables=[table(["cells", 1234567])])
    assert "1,234,567" in render(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "not json",
        json.dumps({"title": "t", "command": "c", "tables": [table(["short"])], "notes": [], "broken": []}),
    ],
)
def test_a_file_that_is_no_result_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"odd\.json"):
        render(tmp_path)
