"""The law that content never changes under an old version."""

from __future__ import annotations

from collections.abc import Iterator

from mingjian.content import lock
from mingjian.content.laws import Breach, Law, ModelFile


class VersionIsLocked(Law):
    """The lock file holds each model's version and hash; changed content needs a new version."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        held = lock.read(file.content.root).get(file.model.id)
        if held is None:
            yield file.breach("not in models.lock; run `mingjian lock`", "version")
        elif held.hash != file.content.hashes[file.model.id]:
            if held.version == file.model.version:
                yield file.breach(f"content changed under version {held.version}; raise `version`", "version")
            else:
                yield file.breach("new version is not in models.lock; run `mingjian lock`", "version")
