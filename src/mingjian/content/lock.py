"""The version lock: `models.lock` holds version and hash of every model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mingjian.content.loader import Content
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

FILE = "models.lock"


@dataclass(frozen=True)
class Held:
    version: int
    hash: str


def read(root: Path) -> dict[str, Held]:
    """What the lock file says, by model id; empty when there is none yet."""
    path = root / FILE
    if not path.exists():
        return {}
    lines = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {model_id: Held(int(version), digest) for model_id, version, digest in lines}


def write(content: Content) -> list[str]:
    """Write the lock and return the ids that changed.

    Raises ContentError when a model's content changed but its version did not rise.
    """
    held = read(content.root)
    changed = []
    for model_id, model in sorted(content.models.items()):
        old = held.get(model_id)
        if old is not None and old.hash != content.hashes[model_id] and model.version <= old.version:
            raise ContentError(
                f"{content.paths[model_id]}: " + _("内容已变,版本仍是 {v}", v=old.version),
                hint=_("把 version 改为 {v},再运行 mingjian lock", v=old.version + 1),
            )
        if old != Held(model.version, content.hashes[model_id]):
            changed.append(model_id)
    lines = [f"{i} {m.version} {content.hashes[i]}" for i, m in sorted(content.models.items())]
    text = "# id version hash: written by `mingjian lock`; content never changes under an old version\n"
    (content.root / FILE).write_text(text + "\n".join(lines) + "\n")
    return changed
