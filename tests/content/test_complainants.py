"""No model's words or subject lead a handling unit to who complained."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import meta

from mingjian.content import load_content
from mingjian.content.words import environment
from mingjian.domain import complainant

CONTENT = load_content(Path(__file__).parents[2])
OF_REQUESTS = [name for name, table in CONTENT.tables.items() if complainant.COLUMN in table.columns]
MODELS = sorted(id for id, model in CONTENT.models.items() if set(model.inputs) & set(OF_REQUESTS))


def test_some_models_read_requests() -> None:
    assert len(MODELS) > 5


@pytest.mark.parametrize("id", MODELS)
def test_an_explanation_names_no_personal_column_of_a_request(id: str) -> None:
    kept = set(complainant.LEAD_TO_A_HOME) | {
        name for table in OF_REQUESTS for name, c in CONTENT.tables[table].columns.items() if c.personal
    }
    model = CONTENT.models[id]
    for lang in ("zh", "en"):
        # What kind of thing the subject is may be said; what it is may not.
        text = model.explanation[lang].replace(f"{model.subject.column}.split('|')[0]", "'kind'")
        used = meta.find_undeclared_variables(environment(lang).parse(text))
        assert used & kept == set()
        assert model.subject.column not in used or not complainant.names_one(model.subject.kind, "x|y")
