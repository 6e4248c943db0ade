"""Answers about attachments."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from mingjian.domain.attachment import FileKind, ScanState
from mingjian.web.api.answers.base import Answer


class AlikeOut(Answer):
    """A photo on another matter that looks the same."""

    attachment_id: str
    warning_id: str


class AttachmentOut(Answer):
    """A file beside a warning. `reused_photo` counts other matters with the same picture; `alike` names those of
    them that the reader may see."""

    id: str
    warning_id: str
    name: str
    kind: FileKind
    size: int = Field(description="bytes")
    sha256: str
    scan: ScanState
    uploaded_by: str
    at: datetime
    reused_photo: int
    alike: list[AlikeOut]


class AttachmentPage(Answer):
    attachments: list[AttachmentOut]
    after: str
