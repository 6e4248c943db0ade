"""Laws on what a model is called and whom it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mingjian.content.laws import Breach, Law, ModelFile
from mingjian.domain.level import Level
from mingjian.domain.model import Kind


class IdIsPath(Law):
    """The id is `<folder>.<file name>`, so that an id leads to its file."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        wanted = f"{file.path.parent.name}.{file.path.stem}"
        if file.model.id != wanted:
            yield file.breach(f"id is {file.model.id}, the path says {wanted}", "id")


class RoomIsKind(Law):
    """Rules (query) live in rules/, statistical models (features and detector) in models/."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        model, room = file.model, file.path.parent.parent.name
        is_rule = bool(model.query) and not model.features and model.detector is None
        is_model = bool(model.features) and not model.query and model.detector is not None
        if not (is_rule if room == "rules" else is_model):
            yield file.breach("a rule has `query` only; a model has `features` and `detector`", "id")


class OwnerIsNamed(Law):
    """The owner is a department type of the sector's manifest, else nobody would get the order."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        owners = file.content.sectors[file.model.sector].owners
        if file.model.owner not in owners:
            yield file.breach(f"owner {file.model.owner} is not in sectors/{file.model.sector}.yaml", "owner")


class BasisIsACode(Law):
    """Every basis is a code of the register (B01 …) or A, to be filled by the authority."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        register = file.content.basis
        for n, basis in enumerate(file.model.basis):
            known = basis.code in register if register else re.fullmatch(r"B\d{2}|A", basis.code)
            if not known:
                yield file.breach(f"basis code {basis.code} is not in the register", "basis", n)
        if not file.model.basis:
            yield file.breach("name at least one basis, or A with state A", "basis")


class OutlierIsAtMostMedium(Law):
    """An outlier alone is at most 中: 高 needs a rule's hit too."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        if file.model.kind is Kind.OUTLIER:
            for n, rule in enumerate(file.model.level):
                if rule.level is Level.HIGH:
                    yield file.breach("an outlier alone may not be 高", "level", n)


class FileIsSmall(Law):
    """A rule fits on a few screens: under 120 lines before its tests."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        lines = file.text.split("\ntests:", 1)[0].count("\n") + 1
        if lines >= 120:
            yield Breach(file.path, lines, f"{lines} lines before its tests; keep a model under 120")
