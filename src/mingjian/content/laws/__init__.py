"""Content laws: each is one small class, found here by itself; each breach is path:line and says what to do."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.content.loader import Content
from mingjian.domain.model import Model


@dataclass(frozen=True)
class ModelFile:
    """One model with its file, its text, and all content around it."""

    content: Content
    model: Model

    @property
    def path(self) -> Path:
        return self.content.paths[self.model.id]

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def breach(self, message: str, *loc: int | str) -> Breach:
        """A breach at the line where `loc` (keys and indexes) stands in the file."""
        return Breach(self.path, yamlfile.line_of(self.text, loc), message)


@dataclass(frozen=True)
class Breach:
    path: Path
    line: int
    message: str
    law: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.law}]"


class Law(ABC):
    """A law over model files; the docstring's first line is its text."""

    @abstractmethod
    def check(self, file: ModelFile) -> Iterator[Breach]:
        """Yield every breach in one file."""


def all_laws() -> list[Law]:
    """Every law in this package, by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return [law() for law in sorted(Law.__subclasses__(), key=lambda c: c.__name__)]


def breaches(content: Content) -> list[Breach]:
    """All breaches of all laws over all models, sorted by path and line."""
    found = [
        Breach(b.path, b.line, b.message, type(law).__name__)
        for law in all_laws()
        for model in content.models.values()
        for b in law.check(ModelFile(content, model))
    ]
    return sorted(found, key=lambda b: (str(b.path), b.line, b.law))
