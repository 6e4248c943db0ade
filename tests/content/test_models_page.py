"""docs/models.md is what the model files and the measured figures make, and the promised floors hold in them."""

from __future__ import annotations

import json
from pathlib import Path

from mingjian.content import load_content
from mingjian.report.modelsdoc import floors, models_markdown

ROOT = Path(__file__).parents[2]
MEASURED = json.loads((ROOT / "bench" / "results" / "models.json").read_text(encoding="utf-8"))


def test_the_page_is_the_one_the_models_make() -> None:
    written = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert written == models_markdown(load_content(ROOT), MEASURED), "run python bench/models.py again"


def test_every_launch_model_was_measured_above_its_floor_on_three_seeds() -> None:
    promised = {i: floors(m) for i, m in load_content(ROOT).models.items() if floors(m)}
    assert len(promised) == 52
    assert len(MEASURED["seeds"]) >= 3
    short = {
        (seed, model_id): figures.get(model_id)
        for seed, figures in MEASURED["seeds"].items()
        for model_id, (recall, precision) in promised.items()
        if not figures.get(model_id, {}).get("planted")
        or figures[model_id]["recall"] < recall
        or figures[model_id]["precision"] < precision
    }
    assert short == {}
