"""Which encoding a text file is in: a byte-order mark says so, else UTF-8 strictly, else GB18030 strictly."""

from __future__ import annotations

import codecs

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.pull.readers.files import Content, unreadable

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def decode(content: Content, named: str | None) -> str:
    """The text of a file, without byte-order mark; raises SourceError when no encoding fits."""
    data = content.data
    if data.startswith((_ZIP, _OLE)):
        raise unreadable(
            content.name,
            _("这是 Excel 或压缩文件，不是文本"),
            _("把数据源的 kind 改为 excel，或请提供方导出文本"),
        )
    if named:
        return _strictly(content, named)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(content, "utf-16")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start
    raise _undecodable(content, at)


def _strictly(content: Content, encoding: str) -> str:
    try:
        return content.data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _undecodable(content, error.start) from None
    except LookupError:
        raise unreadable(
            content.name, _("编码 {name} 不认识", name=encoding), _("改正数据源文件中的 encoding")
        ) from None


def _undecodable(content: Content, at: int) -> SourceError:
    line = content.data.count(b"\n", 0, at) + 1
    return unreadable(
        content.name,
        _("第 {line} 行（第 {byte} 字节）既不是 UTF-8 也不是 GB18030", line=line, byte=at + 1),
        _("文件可能被截断或编码有误；请提供方以 UTF-8 重新导出"),
    )
