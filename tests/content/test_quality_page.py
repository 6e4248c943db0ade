"""docs/quality.md is what the figures of the benches make."""

from __future__ import annotations

from pathlib import Path

from mingjian.report.qualitydoc import render

ROOT = Path(__file__).parents[2]


def test_the_page_is_the_one_the_figures_make() -> None:
    written = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    assert written == render(ROOT / "bench" / "results" / "quality"), "run python bench/quality_page.py again"
