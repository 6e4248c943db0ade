"""Load all content of a checkout: sectors, rules and models, and the sources of one city."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.domain.basis import BasisRegister, BasisTitle
from mingjian.domain.budget import Budget
from mingjian.domain.errors import ContentError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.model import Model, Status
from mingjian.domain.policy import LocalDays, Policy
from mingjian.domain.sector import Sector, Table
from mingjian.domain.source import Source

CITY_FILES = (
    "city.yaml",
    "authority.yaml",
    "events.yaml",
    "policy.yaml",
    "calendar.yaml",
    "channels.yaml",
)  # about the city itself: they lie beside its sources


def content_root() -> Path:
    """The folder with `sectors/`, `rules/` and so on: MINGJIAN_CONTENT, the working folder, or the checkout."""
    named = os.environ.get("MINGJIAN_CONTENT")
    for root in [Path(named)] if named else [Path.cwd(), Path(__file__).parents[3]]:
        if (root / "sectors").is_dir():
            return root
    raise ContentError(
        _("找不到内容目录(sectors/、rules/ 等)"), hint=_("在项目目录中运行,或设置 MINGJIAN_CONTENT")
    )


@cache
def shipped_policy() -> Policy:
    """The policy of `supervision/policy.yaml`: what holds where a city has settled nothing else."""
    return yamlfile.read(content_root() / "supervision" / "policy.yaml", Policy)


@dataclass(frozen=True)
class Content:
    """Everything the content files say; `paths` and `hashes` are by model id, `basis` by code."""

    root: Path
    sectors: dict[str, Sector]
    models: dict[str, Model]
    paths: dict[str, Path] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    basis: dict[str, BasisTitle] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    policy: Policy = field(default_factory=shipped_policy)
    local_days: LocalDays | None = None

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Canonical tables of all sectors by name."""
        return {name: table for s in self.sectors.values() for name, table in s.tables.items()}

    def model(self, model_id: str) -> Model:
        if model_id not in self.models:
            raise NotFound(_("没有模型 {id}", id=model_id), hint=_("运行 mingjian test 查看全部模型编码"))
        return self.models[model_id]

    def models_of(self, sector: str) -> list[Model]:
        """Models of a sector that run: live and shadow, ordered by id."""
        running = (Status.LIVE, Status.SHADOW)
        return [m for i, m in sorted(self.models.items()) if m.sector == sector and m.status in running]

    def tables_of(self, sector: str) -> list[str]:
        """Tables that the sector's models read or show, and `org_unit`, which names who must act."""
        models = self.models_of(sector)
        read = {table for m in models for table in [*m.inputs, *(e.table for e in m.evidence)]}
        return sorted((read | {"org_unit"}) & set(self.tables))


def load_content(root: Path | None = None) -> Content:
    """Read and check every sector, rule and model file below `root`, and the register of bases."""
    root = root or content_root()
    sectors = {}
    for path in sorted((root / "sectors").glob("*.yaml")):
        sector = yamlfile.read(path, Sector)
        sectors[sector.sector] = sector
    models: dict[str, Model] = {}
    paths: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    for path in sorted([*(root / "rules").glob("*/*.yaml"), *(root / "models").glob("*/*.yaml")]):
        model = yamlfile.read(path, Model)
        if model.id in models:
            raise ContentError(
                f"{path}:1: " + _("编码 {id} 已用于 {other}", id=model.id, other=paths[model.id]),
                hint=_("编码永不复用:换一个新编码"),
            )
        models[model.id], paths[model.id] = model, path
        hashes[model.id] = yamlfile.content_hash(path)
    basis = _register(root / "basis" / "register.yaml")
    budget = _budget(root / "supervision" / "budget.yaml", sectors)
    days = root / "supervision" / "calendar.yaml"
    local = yamlfile.read(days, LocalDays) if days.exists() else None
    settled = root / "supervision" / "policy.yaml"
    policy = yamlfile.read(settled, Policy) if settled.exists() else shipped_policy()
    return Content(root, sectors, models, paths, hashes, basis, budget, policy, local)


def _register(path: Path) -> dict[str, BasisTitle]:
    """Titles of the bases by code; empty without the file, since a city may keep content of its own."""
    return yamlfile.read(path, BasisRegister).basis if path.exists() else {}


def _budget(path: Path, sectors: dict[str, Sector]) -> Budget:
    """The alert budget; the catalogue's numbers without the file. ContentError names a department type there is not."""
    if not path.exists():
        return Budget()
    budget = yamlfile.read(path, Budget)
    known = {owner for sector in sectors.values() for owner in sector.owners}
    for owner in budget.owners:
        if owner not in known:
            line = yamlfile.line_of(path.read_text(encoding="utf-8"), ("owners", owner))
            raise ContentError(
                f"{path}:{line}: " + _("没有部门类型 {owner}", owner=owner),
                hint=_("可用:{names}", names="、".join(sorted(known))),
            )
    return budget


def load_sources(folder: Path) -> dict[str, Source]:
    """Read every source file in `folder/sources` (or in `folder` itself), by name."""
    inner = folder / "sources"
    files = sorted((inner if inner.is_dir() else folder).glob("*.yaml"))
    found = {
        s.name: s for s in (yamlfile.read(path, Source) for path in files if path.name not in CITY_FILES)
    }
    if not found:
        raise ContentError(
            _("{folder} 中没有数据源文件", folder=folder),
            hint=_("先运行 mingjian sample-city --out DIR,或把 sources/*.yaml 放进该目录"),
        )
    return found
