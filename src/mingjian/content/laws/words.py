"""Laws on words: both languages, and nothing that accuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mingjian.content.conditions import columns_of
from mingjian.content.laws import Breach, Law, ModelFile

_ACCUSING = re.compile(
    r"骗取|套取|贪污|违法|违纪|犯罪|造假|冒领|\bfraud|\bcheat|\bcorrupt|\billegal|\bguilty|\bcrim", re.I
)


class BothLanguages(Law):
    """Every text a reader sees is there in Chinese and in English."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        model = file.model
        texts: list[tuple[Any, tuple[int | str, ...]]] = [
            (model.name, ("name",)),
            (model.description, ("description",)),
            (model.explanation, ("explanation",)),
            (model.runbook, ("runbook",)),
        ]
        texts += [(e, ("exclusions", n)) for n, e in enumerate(model.exclusions)]
        texts += [(g, ("known_gaps", n)) for n, g in enumerate(model.known_gaps)]
        for text, loc in texts:
            for lang in ("zh", "en"):
                if not text.get(lang):
                    yield file.breach(f"the {lang} text is missing", *loc)


class LevelsAreSpoken(Law):
    """Every figure that a level looks at has words, in `measures` or as a column of an input, for `mingjian explain`."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        model, tables = file.model, file.content.tables
        known = {c for t in model.inputs if t in tables for c in tables[t].columns} | set(model.measures)
        for n, rule in enumerate(model.level):
            for column in columns_of(rule.when):
                if column not in known:
                    yield file.breach(f"say in `measures` what {column} is", "level", n)


class NobodyIsAccused(Law):
    """A warning is a lead for a human check: its explanation uses no accusing word."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for lang, text in file.model.explanation.items():
            if found := _ACCUSING.search(text):
                yield file.breach(f"“{found[0]}” accuses; say what was seen instead", "explanation", lang)
