"""Laws on a model's state and on what silences it."""

from __future__ import annotations

from collections.abc import Iterator

from mingjian.content.laws import Breach, Law, ModelFile
from mingjian.domain.authority import may_be_live
from mingjian.domain.model import Model, Status


class LiveNeedsAConfirmedBasis(Law):
    """A model about a person, household or account is live only on a confirmed basis; else it ships as shadow."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        if file.model.status is Status.LIVE and not may_be_live(file.model):
            yield file.breach(
                "its basis is not confirmed (one V, no A): `status: shadow`; authority.yaml takes it live",
                "status",
            )


class InhibitorsAreThere(Law):
    """A model is silenced only by models there are, on subjects of its own kind, and never in a circle."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        models, mine = file.content.models, file.model
        for n, stronger in enumerate(mine.inhibited_by):
            other = models.get(stronger)
            if other is None:
                yield file.breach(f"no model {stronger}", "inhibited_by", n)
            elif other.subject.kind != mine.subject.kind:
                yield file.breach(f"{stronger} is about another kind of subject", "inhibited_by", n)
            elif mine.id in _stronger(models, other):
                yield file.breach(f"{stronger} is silenced by this model in turn", "inhibited_by", n)


def _stronger(models: dict[str, Model], model: Model) -> set[str]:
    """Itself and every model that silences it, directly or through others."""
    found, waiting = {model.id}, [model]
    while waiting:
        for name in waiting.pop().inhibited_by:
            if name not in found and name in models:
                found.add(name)
                waiting.append(models[name])
    return found
