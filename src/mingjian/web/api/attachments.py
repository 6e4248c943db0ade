"""Files beside a warning: put there, listed, and fetched; a photo used before is noticed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, RowMapping
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from mingjian.domain.attachment import MAX_PER_WARNING, FileKind, ScanState
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.store import attachments, audit, orders
from mingjian.store.orders import WARNING, Step
from mingjian.web.api.answers.attachments import AlikeOut, AttachmentOut, AttachmentPage
from mingjian.web.api.once import Done, Once, OnlyOnce
from mingjian.web.api.problem import READS, WRITES, refusals
from mingjian.web.api.queries import Id, NoQuery, Paged
from mingjian.web.api.steps import seen, seen_with_findings
from mingjian.web.errors import BadRequest, Busy, Refused, Unprocessable
from mingjian.web.focus import CaseReader
from mingjian.web.scopes import WARNINGS
from mingjian.web.uploads.keeping import Draft, drafted, keep, place_of
from mingjian.web.uploads.kinds import checked_name, kind_of
from mingjian.web.uploads.photos import photo_hash
from mingjian.web.uploads.scan import scan
from mingjian.web.viewer import Office, QueueReader, Viewer, office_of

router = APIRouter(tags=["attachments"], dependencies=[WARNINGS])
MAY_ATTACH = frozenset({"R1", "R2", "R3", "R4", "R5", "R6", "R7"})
SHUT = CLOSED_STATES | {WarningState.RECORDED, WarningState.REFERRED}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
}
DOWNLOAD = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.get("/warnings/{warning_id}/attachments", responses=READS)
def list_attachments(
    request: Request, warning_id: Id, viewer: CaseReader, asked: Annotated[Paged, Query()]
) -> AttachmentPage:
    """A warning's files, oldest first."""
    with office_of(request).engine.connect() as conn:
        seen_with_findings(conn, viewer, warning_id)
        after = attachments.find(conn, viewer.access.rows, asked.after) if asked.after else None
        if asked.after and (after is None or after["warning_id"] != warning_id):
            raise BadRequest(_("翻页位置无法识别"), hint=_("去掉网址中的 after 参数，从第一页开始"))
        rows = attachments.page_of(conn, warning_id, after, asked.limit + 1)
        shown = rows[: asked.limit]
        return AttachmentPage(
            attachments=told(conn, viewer, shown),
            after=shown[-1]["id"] if len(rows) > asked.limit else "",
        )


@router.post(
    "/warnings/{warning_id}/attachments",
    status_code=201,
    response_model=AttachmentOut,
    responses=WRITES | refusals(503),
    openapi_extra=FORM,
)
async def attach(
    request: Request, warning_id: Id, viewer: CaseReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Put one file (form field `file`) beside a warning; its content must be of the kind its name says."""
    if not viewer.access.roles & MAY_ATTACH:
        raise Refused(_("您的角色不能上传附件"), hint=_("请由承办单位或监督人员上传"))
    # The form is read only now, so that nobody who may not attach makes the service take 20 MB.
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or len(form.multi_items()) != 1:
            raise Unprocessable(_("表单中没有附件"), hint=_("把文件放在名为 file 的表单项中，且只放一个"))
        return await run_in_threadpool(_attach, once, viewer, warning_id, file)


@router.get("/attachments/{attachment_id}", responses=READS)
def show_attachment(
    request: Request, attachment_id: Id, viewer: QueueReader, _query: NoQuery
) -> AttachmentOut:
    """What is known of one file."""
    with office_of(request).engine.connect() as conn:
        return told(conn, viewer, [_found(conn, viewer, attachment_id)])[0]


@router.get(
    "/attachments/{attachment_id}/content",
    response_class=FileResponse,
    responses=READS | {200: {"description": "The bytes, for saving", "content": DOWNLOAD}},
)
def download(request: Request, attachment_id: Id, viewer: QueueReader, _query: NoQuery) -> FileResponse:
    """The bytes of one file, never shown in place; each fetching is audited."""
    office = office_of(request)
    with office.engine.begin() as conn:
        row = _found(conn, viewer, attachment_id)
        place = place_of(office.home, row["sha256"])
        if not place.is_file():
            raise NotFound(_("附件文件已不在"), hint=_("请联系系统管理员从备份恢复"))
        _audit(conn, office, viewer, "fetch_attachment", row)
    return FileResponse(
        place,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}"},
    )


def told(conn: Connection, viewer: Viewer, rows: list[RowMapping]) -> list[AttachmentOut]:
    """Attachments as this reader may see them: like photos on matters out of his sight are only counted."""
    alike = {i for row in rows for i in row["like"]}
    known = attachments.seen_among(conn, viewer.access.rows, alike)
    return [
        AttachmentOut(
            **{c: row[c] for c in ("id", "warning_id", "name", "size", "sha256", "uploaded_by", "at")},
            kind=FileKind(row["kind"]),
            scan=ScanState(row["scan"]),
            reused_photo=len(row["like"]),
            alike=[AlikeOut(attachment_id=i, warning_id=known[i]) for i in row["like"] if i in known],
        )
        for row in rows
    ]


def _attach(once: Once, viewer: Viewer, warning_id: str, file: UploadFile) -> Response:
    office = once.office
    with office.engine.connect() as conn:
        seen(conn, viewer, warning_id)
    name = checked_name(file.filename or "")
    with drafted(office.home, file.file) as draft:
        kind = kind_of(draft.path, name)
        phash = photo_hash(draft.path) if kind.photo else None
        state = scan(draft.path)

        def work(conn: Connection) -> Done:
            keep(office.home, draft)
            row = _write(conn, office, viewer, warning_id, name, kind, draft, phash, state)
            return Done(201, told(conn, viewer, [row])[0])

        return once.run(f"{name}\n{draft.sha256}", work)


def _write(
    conn: Connection,
    office: Office,
    viewer: Viewer,
    warning_id: str,
    name: str,
    kind: FileKind,
    draft: Draft,
    phash: int | None,
    state: ScanState,
) -> RowMapping:
    now = office.clock.now()
    warned = orders.lock_warnings(conn, [warning_id], viewer.access.rows).get(warning_id)
    if warned is None:
        raise NotFound(_("没有这条预警，或不在您的查看范围内"), hint=_("请核对编号，或从预警列表重新进入"))
    if warned["status"] in SHUT:
        raise Busy(_("该预警已办结或不在办理中，不能再加附件"), hint=_("如需补充，请先由监督人员重启"))
    if attachments.count_of(conn, warning_id) >= MAX_PER_WARNING:
        raise Busy(_("该预警的附件已达 {n} 个", n=MAX_PER_WARNING), hint=_("请合并文件后再上传"))
    like = attachments.alike(conn, phash, warning_id) if phash is not None else []
    row = {
        "id": f"A{secrets.token_hex(12)}",
        "warning_id": warning_id,
        "name": name,
        "kind": kind,
        "size": draft.size,
        "sha256": draft.sha256,
        "phash": phash,
        "like": like,
        "scan": state,
        "uploaded_by": viewer.user.id,
        "at": now,
    }
    attachments.add(conn, row)
    orders.add_steps(conn, _steps(row, warned["status"], viewer.user.id, now))
    found = attachments.find(conn, viewer.access.rows, str(row["id"]))
    assert found is not None  # noqa: S101 - written above, on a warning this reader sees
    _audit(conn, office, viewer, "attach", found)
    return found


def _steps(row: dict[str, Any], state: str, actor: str, now: datetime) -> list[Step]:
    """The upload in the history, and beside it a word to the supervisor when the photo was used before."""
    mine = Step(WARNING, row["warning_id"], "attach", state, state, actor, now, note=row["id"])
    if not row["like"]:
        return [mine]
    count = str(len(row["like"]))
    noticed = Step(
        WARNING,
        row["warning_id"],
        "photo_reused",
        state,
        state,
        SYSTEM_ACTOR,
        now,
        reason="photo_reused",
        note=count,
    )
    return [mine, noticed]


def _found(conn: Connection, viewer: Viewer, attachment_id: str) -> RowMapping:
    row = attachments.find(conn, viewer.access.rows, attachment_id) if viewer.access.findings else None
    if row is None:
        raise NotFound(_("没有这个附件，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def _audit(conn: Connection, office: Office, viewer: Viewer, action: str, row: RowMapping) -> None:
    detail = {"warning": row["warning_id"], "sha256": row["sha256"], "kind": row["kind"], "size": row["size"]}
    if row["like"] and action == "attach":
        detail["like"] = row["like"]
    audit.record(
        conn,
        at=office.clock.now(),
        actor=viewer.user.id,
        action=action,
        object_kind="attachment",
        object_id=row["id"],
        detail=detail,
    )
