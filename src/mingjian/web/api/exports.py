"""The queue as a sheet: the same rows and masks, at most 1,000 of them, marked with who took it out and why."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _
from mingjian.domain.order import Light
from mingjian.store import audit, queue
from mingjian.store.queue import Filters
from mingjian.web import labels, naming
from mingjian.web.api.guarded import Text
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import QueueFilters
from mingjian.web.api.sheets import Sheet, as_csv, as_excel
from mingjian.web.pages.queue import listed
from mingjian.web.scopes import EXPORT
from mingjian.web.viewer import Office, QueueReader, Viewer, office_of

router = APIRouter(prefix="/exports", tags=["exports"], dependencies=[EXPORT])
MOST_ROWS = 1000
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


class ExportQuery(QueueFilters):
    """The filters of the queue, and what the sheet is for."""

    purpose: Text = Field(min_length=2, max_length=200, pattern=r"\S.*\S")


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return READS | {200: {"description": "The sheet", "content": content}}


@router.get("/warnings.csv", response_class=Response, responses=_file(CSV))
def export_csv(request: Request, asked: Annotated[ExportQuery, Query()], viewer: QueueReader) -> Response:
    """The queue as CSV (UTF-8 with byte order mark)."""
    return _export(request, asked, viewer, "csv", CSV, as_csv)


@router.get("/warnings.xlsx", response_class=Response, responses=_file(EXCEL))
def export_excel(request: Request, asked: Annotated[ExportQuery, Query()], viewer: QueueReader) -> Response:
    """The queue as an Excel workbook."""
    return _export(request, asked, viewer, "xlsx", EXCEL, as_excel)


def _export(
    request: Request,
    asked: ExportQuery,
    viewer: Viewer,
    ending: str,
    media_type: str,
    write: Callable[[Sheet], bytes],
) -> Response:
    office, export_id = office_of(request), f"E{secrets.token_hex(8)}"
    filters = asked.asked().filters(viewer)
    with office.engine.begin() as conn:
        rows, cut = _rows(conn, viewer, filters)
        districts = {row["code"]: row["name"] for row in queue.districts(conn)}
        _note(conn, office, viewer, export_id, asked, ending, len(rows), cut)
    sheet = Sheet(
        [_(h) for h in HEADINGS],
        [_line(listed(row, office, viewer, districts), office) for row in rows],
        _watermark(office, viewer, export_id, asked.purpose),
        _closing(len(rows), cut),
    )
    headers = {
        "Content-Disposition": f'attachment; filename="warnings-{export_id}.{ending}"',
        "X-Mingjian-Export": export_id,
        "X-Mingjian-Rows": str(len(rows)),
        "X-Mingjian-Cut": "true" if cut else "false",
    }
    return Response(write(sheet), 200, headers, media_type)


def _rows(conn: Connection, viewer: Viewer, filters: Filters) -> tuple[list[RowMapping], bool]:
    """At most MOST_ROWS rows in queue order, and whether there are more."""
    rows: list[RowMapping] = []
    after = None
    while len(rows) < MOST_ROWS:
        page = queue.page(conn, viewer.access.rows, filters, after, queue.MOST)
        rows += page.rows
        after = page.after
        if after is None:
            break
    return rows[:MOST_ROWS], after is not None or len(rows) > MOST_ROWS


HEADINGS = (
    "编号", "等级", "分值", "模型", "领域", "对象", "所属期", "区县", "承办单位", "金额（元）", "状态", "灯号",
    "督办层级", "办结期限", "首次命中", "最近命中", "命中次数",
)  # fmt: skip


def _line(row: dict[str, Any], office: Office) -> list[Any]:
    """One row of the sheet, in the order of HEADINGS."""
    due = row["finish_due"]
    light = row["light"]
    return [
        row["id"],
        labels.level_label(row["level"]),
        row["score"],
        row["title"],
        naming.sector_name(office.content, row["sector"]),
        row["subject"],
        row["period"],
        row["district"],
        row["unit"],
        float(row["amount"]) if row["amount"] is not None else None,
        row["status_label"],
        Light(light).label if light else None,
        row["tier"],
        due.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M") if due else None,
        row["first_seen"],
        row["last_seen"],
        row["hits"],
    ]


def _watermark(office: Office, viewer: Viewer, export_id: str, purpose: str) -> str:
    at = office.clock.now().astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M:%S")
    return _(
        "{name}（{id}）于 {at} 导出，编号 {export}，用途：{purpose}。内部使用，不得外传。",
        name=viewer.user.name,
        id=viewer.user.id,
        at=at,
        export=export_id,
        purpose=purpose,
    )


def _closing(count: int, cut: bool) -> str:
    if cut:
        return _("共导出 {n} 行；还有更多，一次最多导出 {most} 行，请缩小筛选范围。", n=count, most=MOST_ROWS)
    return _("共导出 {n} 行，已是全部。", n=count)


def _note(
    conn: Connection,
    office: Office,
    viewer: Viewer,
    export_id: str,
    asked: ExportQuery,
    ending: str,
    count: int,
    cut: bool,
) -> None:
    filters = {k: v for k, v in asked.model_dump().items() if v and k not in ("purpose", "lang")}
    audit.record(
        conn,
        at=office.clock.now(),
        actor=viewer.user.id,
        action="export",
        object_kind="export",
        object_id=export_id,
        detail={"format": ending, "rows": count, "cut": cut, "purpose": asked.purpose, "filters": filters},
    )
