"""Read one YAML file into a checked object; every error is path:line and says what to do."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

T = TypeVar("T", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice, which YAML would silently let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read(path: Path, shape: type[T]) -> T:
    """Read `path` as a `shape`; raises ContentError with the line of the first wrong key."""
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path}:{line}: {error.problem}", hint=_("改正 YAML 语法")) from None
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise ContentError(
            f"{path}:{line_of(text, first['loc'])}: {where}: {first['msg']}",
            hint=_("对照 docs/content.md 的格式修改该键"),
        ) from None


def line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line (from 1) where the deepest present part of `loc` stands in a YAML text."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in loc:
        step = _child(node, part)
        if step is None:
            break
        line, node = step
    return line


def line_within(text: str, loc: tuple[int | str, ...], line: int | None) -> int:
    """The file's line of the `line`-th line of the text at `loc`; of its key where the text has no lines of its own."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in loc:
        found = _child(node, part)
        node = found[1] if found else None
    if line is None or not isinstance(node, yaml.ScalarNode) or node.style != "|":
        return line_of(text, loc)
    return node.start_mark.line + 1 + line  # the text starts below its "|"


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def content_hash(path: Path) -> str:
    """SHA-256 of the file, first 16 hex digits: what the version lock and the archive keep."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
