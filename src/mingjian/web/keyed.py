"""Lists by key, on pages and in the API: where a page of a list starts, and what continues it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import RowMapping

from mingjian.domain.i18n import _
from mingjian.store.queue import Cursor
from mingjian.web.errors import BadRequest

PAGE = 50  # rows of a list on a page


def numbered(after: str) -> int | None:
    """The number that a cursor is; None without one, BadRequest when it was not made by us."""
    if not after:
        return None
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise _no_place()
    return int(after)


def timed(after: str) -> tuple[datetime, str] | None:
    """The moment and the id that a cursor is; None without one, BadRequest when it was not made by us."""
    if not after:
        return None
    moment, _sign, id = after.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        at.astimezone()
        if at.tzinfo is None or not id or "\x00" in id:
            raise ValueError
    except (ValueError, OverflowError):
        raise _no_place() from None
    return at, id


def levelled(after: str) -> Cursor | None:
    """The place in the queue by level that a cursor is; None without one, BadRequest when it was not made by us."""
    if not after:
        return None
    try:
        rank, key, warning_id = after.split(".", 2)
        cursor = Cursor(int(rank), int(key), warning_id)
    except ValueError:
        raise _no_place() from None
    if max(abs(cursor.level_rank), abs(cursor.queue_key)) >= 2**31 or "\x00" in warning_id:
        raise _no_place()
    return cursor


def by_level(cursor: Cursor | None) -> str:
    """The cursor of the queue by level as text; empty at the end."""
    return f"{cursor.level_rank}.{cursor.queue_key}.{cursor.id}" if cursor else ""


def by_moment(at: datetime, id: str) -> str:
    """The cursor behind a row of a list in order of moments."""
    return f"{at.isoformat()}~{id}"


def by_id(row: RowMapping) -> str:
    """The cursor behind this row of a list in order of id."""
    return str(row["id"])


def cut(
    rows: Sequence[RowMapping], most: int, key: Callable[[RowMapping], str]
) -> tuple[Sequence[RowMapping], str]:
    """The rows of one page, of which one more was read than it holds, and the cursor that continues it."""
    shown = rows[:most]
    return shown, key(shown[-1]) if len(rows) > most else ""


def address(path: str, **asked: str) -> str:
    """The address of a list with what is asked of it; what is empty is left out."""
    kept = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def _no_place() -> BadRequest:
    return BadRequest(_("翻页位置无法识别"), hint=_("去掉网址中的 after 参数，从第一页开始"))
