"""Messages as text files: the default, for the demo and for offices that print."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mingjian.notify.channels.base import Message


class FileChannel:
    """Writes each message to `<folder>/<key>.txt`; sending it again writes the same file again."""

    secrets: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: Message) -> None:
        """Raises OSError when the folder cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.folder / f"{_file_name(message.key)}.txt"
        draft = target.with_suffix(".part")
        draft.write_text(f"{message.recipient}\n{message.subject}\n\n{message.body}\n", encoding="utf-8")
        os.replace(draft, target)


def _file_name(key: str) -> str:
    return re.sub(r"[^\w.-]", "_", key)
