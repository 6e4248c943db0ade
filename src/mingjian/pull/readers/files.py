"""Files of a source: found by a pattern, hashed before they are parsed, read once each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.part import Ask, Part, Reading
from mingjian.pull.settings import expand, needed


@dataclass(frozen=True)
class Content:
    """The bytes of one file; `number` is its place among the source's files, `name` what people see."""

    name: str
    number: int
    data: bytes


def read_files(source: Source, ask: Ask, parse: Callable[[Source, Content], Part]) -> Reading:
    """Hash every file of the source now, parse them one by one as the parts are taken."""
    root = ask.sources_dir
    files = _find(source, root)
    hashes = [hashlib.sha256(_bytes(path)).hexdigest() for path in files]
    names = [_shown(path, root) for path in files]
    said = "\n".join(f"{name} {digest}" for name, digest in zip(names, hashes, strict=True))

    def parts() -> Iterator[Part]:
        for number, (path, name, digest) in enumerate(zip(files, names, hashes, strict=True)):
            data = _bytes(path)
            if hashlib.sha256(data).hexdigest() != digest:
                raise unreadable(name, _("读取期间文件被改动"), _("等文件写完后重新拉取"))
            yield parse(source, Content(name, number, data))

    return Reading(hashlib.sha256(said.encode()).hexdigest(), parts())


def unreadable(file: str, why: str, hint: str = "") -> SourceError:
    """The one clear message for a file that cannot be read."""
    return SourceError(
        _("无法读取 {file}：{why}", file=file, why=why), hint=hint or _("请提供方重新导出该文件后再拉取")
    )


def _find(source: Source, root: Path) -> list[Path]:
    pattern = Path(expand(needed(source.where.path, "path", source), source, root))
    base, inside = (
        (Path(pattern.anchor), pattern.relative_to(pattern.anchor))
        if pattern.is_absolute()
        else (root, pattern)
    )
    # Files beginning with ~$ or a dot are what an office program leaves beside a file that is open.
    found = [p for p in base.glob(str(inside)) if p.is_file() and not p.name.startswith(("~$", "."))]
    if not found:
        raise SourceError(
            _("数据源 {source} 找不到文件：{pattern}", source=source.name, pattern=source.where.path),
            hint=_("核对数据源文件中的 where.path，或请提供方上传文件"),
        )
    return sorted(found)


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path.name, error.strerror or str(error), _("核对文件权限后重新拉取")) from None
    if not data:
        raise unreadable(path.name, _("文件是空的"))
    return data
