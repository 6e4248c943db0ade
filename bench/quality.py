"""What a bench measured, as `docs/quality.md` shows it: one JSON file a bench in `bench/results/quality/`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mingjian.report.qualitydoc import render

FOLDER = Path(__file__).parent / "results" / "quality"
PAGE = Path(__file__).parents[1] / "docs" / "quality.md"


def write(
    name: str,
    title: str,
    command: str,
    tables: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    broken: Sequence[str] = (),
) -> None:
    """Keep one bench's figures and write the page again: each table is {"caption", "columns": [...], "rows": [[...], ...]}.

    `command` is what was run; `notes` explain every remaining difference; `broken` names promises not kept.
    Figures are text or numbers already rounded as the page shows them; no times of day, hosts or paths.
    """
    said = {
        "title": title, "command": command, "tables": list(tables), "notes": list(notes), "broken": list(broken)
    }  # fmt: skip
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    write_page()


def write_page() -> None:
    """docs/quality.md from all results that are there."""
    PAGE.write_text(render(FOLDER), encoding="utf-8")
