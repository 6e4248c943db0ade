"""`${VAR}` in source files, and credentials: from the environment only, and a missing one is named."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.source import Source

_PLACE = re.compile(r"\$\{(\w+)\}")


def environment(name: str, source: Source) -> str:
    """The value of an environment variable; raises SourceError naming it when it is not set."""
    value = os.environ.get(name)
    if not value:
        raise SourceError(
            _("数据源 {source} 需要环境变量 {name}，但没有设置", source=source.name, name=name),
            hint=_("设置 {name} 后重新拉取；凭据只从环境变量读取", name=name),
        )
    return value


def expand(text: str, source: Source, sources_dir: Path) -> str:
    """Fill `${SOURCES}` with the sources folder and any other `${NAME}` from the environment."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        return str(sources_dir) if name == "SOURCES" else environment(name, source)

    return _PLACE.sub(value, text)


def needed(value: str | None, key: str, source: Source) -> str:
    """`value`, or a SourceError saying which key of `where` the source file lacks."""
    if not value:
        raise SourceError(
            _("数据源 {source} 没有写 where.{key}", source=source.name, key=key),
            hint=_("在该数据源文件的 where 下补上 {key}", key=key),
        )
    return value
