"""Labels and units of a model's measures, as the titles of its pictures use them."""

from __future__ import annotations

from dataclasses import dataclass

from mingjian.content import Content
from mingjian.content.labels import namer, unit_of
from mingjian.domain.i18n import _, pick
from mingjian.domain.model import Model


@dataclass(frozen=True)
class Words:
    """A model whose file is gone has no words: its measures go by their names."""

    model: Model | None
    content: Content

    def title(self, measure: str, otherwise: str, unit_from: str = "") -> str:
        """What a picture shows and in which unit: the measure's own label, where the model gives one."""
        known = self.model.measures.get(measure) if self.model else None
        said = pick({"zh": known.zh, "en": known.en}) if known else otherwise
        return said + self._unit(measure if known else unit_from)

    def feature(self, name: str) -> str:
        """A feature's label with its unit."""
        return (namer(self.model, self.content.tables)(name) if self.model else name) + self._unit(name)

    def _unit(self, measure: str) -> str:
        unit = unit_of(self.model, self.content.tables, measure) if self.model else ""
        return _("（{unit}）", unit=unit) if unit else ""
