"""What may be put beside a warning, and what became of its check for viruses."""

from __future__ import annotations

from enum import StrEnum

MAX_BYTES = 20 * 1024 * 1024
MAX_PER_WARNING = 200
ALIKE = 6  # photos whose 64-bit hashes differ in at most so many places are taken for one photo


class FileKind(StrEnum):
    """The kinds that are let in, told by content and never by name alone."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WORD = "docx"
    EXCEL = "xlsx"
    TEXT = "txt"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """The type a download is sent as."""
        return MEDIA_TYPES[self]

    @property
    def photo(self) -> bool:
        """Whether it is a picture, so that a photo used twice can be noticed."""
        return self in (FileKind.JPEG, FileKind.PNG)


MEDIA_TYPES: dict[FileKind, str] = {
    FileKind.PDF: "application/pdf",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.TEXT: "text/plain",
    FileKind.CSV: "text/csv",
}


class ScanState(StrEnum):
    """What the city's virus scanner said; an infected file is never kept."""

    CLEAN = "clean"
    NOT_SCANNED = "not_scanned"
