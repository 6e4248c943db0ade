"""A warning model: a rule (SQL) or a statistical model (features and a detector), as its file says it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from mingjian.domain.basis import BasisState
from mingjian.domain.i18n import pick
from mingjian.domain.level import Level
from mingjian.domain.sector import Names
from mingjian.domain.source import Strict

_STEP_NUMBER = re.compile(r"(?:^|(?<=[\s。；;]))\d{1,2}\. ")


class Status(StrEnum):
    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


class Kind(StrEnum):
    """How a model works; sets the base of its score (catalogue §1.2)."""

    ROW = "row"
    JOIN = "join"
    AGGREGATE = "aggregate"
    SEQUENCE = "sequence"
    BASELINE = "baseline"
    OUTLIER = "outlier"
    TEXT = "text"
    GRAPH = "graph"


class Basis(Strict):
    """A legal or policy basis; `V` seen in public pages, `K` known but unconfirmed, `A` to be filled."""

    code: str
    state: BasisState
    note: str = ""


class Param(Strict):
    value: Any
    unit: str = ""
    zh: str
    en: str


class Measure(Strict):
    """What an output column of the query means to a reader."""

    zh: str
    en: str
    unit: str = ""


class Subject(Strict):
    """Whom or what a finding is about; `column` of the query's output carries its id."""

    kind: str
    column: str


class LevelRule(Strict):
    level: Level
    when: str


class Adjust(Strict):
    points: int
    when: str
    why: Names


class ScoreRule(Strict):
    """Which output columns feed the parts of the score (catalogue §1.2)."""

    amount: str | None = None
    households: str | None = None
    life_safety: bool = False
    sources: str | None = None
    match: Literal["exact", "fuzzy", "none"] = "none"
    repeats: str | None = None
    official: str | None = None
    adjust: list[Adjust] = Field(default_factory=list)


class Evidence(Strict):
    """Rows that made the finding: `where` joins finding `f` to table `t` and is SQL.

    `via` are joins that lead from `t` to what the finding knows (`JOIN housing_unit h ON h.unit_id = t.unit_id`):
    an equality over them is a hash join, where a subquery for each row would be a loop.
    """

    table: str
    via: str = ""
    where: str
    columns: list[str]
    limit: int = 50


class Case(Strict):
    """One test of a model: rows in, subjects that must fire (F…) with their level; all others must not."""

    name: str
    as_of: str = "2026-06-30"
    params: dict[str, Any] = Field(default_factory=dict)
    rows: dict[str, str]
    fires: dict[str, Level] = Field(default_factory=dict)


class Detector(Strict):
    """A statistical detector by its registered name, with its settings (docs/content.md, detector)."""

    name: str = "default"
    seed: int = 20260101
    options: dict[str, Any] = Field(default_factory=dict)
    columns: list[str] = Field(default_factory=list)
    peer_group: str | None = None
    min_peers: int = 30
    top_k: int = 5


class Model(Strict):
    """One file in `rules/` or `models/`; rules have `query`, statistical models `features` and `detector`.

    `measures` says what the output columns mean. `optional` names inputs without which the model still runs
    (they are then empty). `narrow` gives, for a big table, a condition that every row the query needs fulfils,
    so that one scan can serve many rules. `first` are queries whose rows are kept by name, in order, before the
    query itself runs: an engine that knows how few they are joins the big tables in a better order.
    `inhibited_by` names stronger models that silence this one on the same subject and period.
    """

    id: str
    version: int
    status: Status
    name: Names
    description: Names
    kind: Kind
    phase: Literal["P1", "P2", "P3"]
    basis: list[Basis]
    owner: str
    subject: Subject
    period: str
    measures: dict[str, Measure] = Field(default_factory=dict)
    inputs: dict[str, list[str]]
    optional: list[str] = Field(default_factory=list)
    narrow: dict[str, str] = Field(default_factory=dict)
    inhibited_by: list[str] = Field(default_factory=list)
    params: dict[str, Param] = Field(default_factory=dict)
    first: dict[str, str] = Field(default_factory=dict)
    query: str | None = None
    features: str | None = None
    detector: Detector | None = None
    level: list[LevelRule]
    score: ScoreRule = ScoreRule()
    explanation: Names
    evidence: list[Evidence]
    exclusions: list[Names]
    known_gaps: list[Names] = Field(default_factory=list)
    runbook: Names
    tests: list[Case]

    @property
    def sector(self) -> str:
        return self.id.split(".", 1)[0]

    def check_steps(self) -> list[str]:
        """The runbook, written "1. … 2. …", as its steps without their numbers, in the reader's language."""
        parts = _STEP_NUMBER.split(pick(self.runbook))
        return [part.strip() for part in parts if part.strip()]

    @property
    def sql(self) -> str:
        """The rule's query, or the statistical model's feature query."""
        return self.query or self.features or ""


def detector_of(model: Model) -> Detector:
    """A statistical model's detector; ValueError for a rule, which has none and is never asked for it."""
    if model.detector is None:
        raise ValueError(f"{model.id} is a rule and has no detector")
    return model.detector
