"""Run a model's own tests: build each case's rows, run the model, compare who fired with who must."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from jinja2 import TemplateError

from mingjian.content import Content, casetable
from mingjian.content.words import explain
from mingjian.detect.engine import Engine, open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.located import told
from mingjian.detect.narrow import share
from mingjian.detect.sql import values_of
from mingjian.detect.tables import reads
from mingjian.domain.errors import MingjianError, RuleError
from mingjian.domain.finding import Finding, digest
from mingjian.domain.i18n import _
from mingjian.domain.model import Case, Model


@dataclass(frozen=True)
class CaseResult:
    """What one case did; `problems` is empty when it passed."""

    model: str
    case: str
    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems


def run_cases(content: Content, model: Model) -> list[CaseResult]:
    """All cases of one model, each on its own small database."""
    return [run_case(content, model, case) for case in model.tests]


def run_case(content: Content, model: Model, case: Case) -> CaseResult:
    """One case; an error of the model or its rows is a problem of the case, not an exception."""
    engine = open_engine(threads=1)
    try:
        _fill(engine, content, model, case)
        found = _findings(engine, content, model, case)
        problems = _compare(case, found)
        for f in found:
            explain(model, f.measures, f.params)
        if model.narrow:
            problems += _narrowed(engine, content, model, case, found)
    except RuleError as error:
        return CaseResult(model.id, case.name, problems=[told(content.paths[model.id], error)])
    except (MingjianError, TemplateError) as error:
        return CaseResult(model.id, case.name, problems=[str(error)])
    finally:
        engine.close()
    return CaseResult(model.id, case.name, found, problems)


def _findings(engine: Engine, content: Content, model: Model, case: Case) -> list[Finding]:
    as_of = date.fromisoformat(case.as_of)
    return findings_of(engine, model, content.tables, as_of, overrides=case.params)


def _narrowed(engine: Engine, content: Content, model: Model, case: Case, whole: list[Finding]) -> list[str]:
    """Run once more on only the rows that `narrow` keeps: what is found must not change by it."""
    values = {**values_of(model, case.params), "as_of": date.fromisoformat(case.as_of)}
    worker = engine.worker()
    try:
        for table in model.narrow:
            share(engine, f"{table}__needed", table, [(model, [values])], content.tables[table])
        for table in model.narrow:
            worker.alias(table, f"{table}__needed")
        again = _findings(worker, content, model, case)
    finally:
        worker.close()
    before, after = ({f.subject_id: digest(f) for f in found} for found in (whole, again))
    differ = sorted(s for s in before.keys() | after.keys() if before.get(s) != after.get(s))
    return [_("narrow 的条件漏掉了需要的行：{s} 的结果不同", s="、".join(differ))] if differ else []


def _fill(engine: Engine, content: Content, model: Model, case: Case) -> None:
    for name in reads(model):
        if name not in content.tables:
            raise RuleError(_("没有表 {name}", name=name), hint=_("表须在 sectors/*.yaml 中定义"))
        engine.empty(name, content.tables[name])
    for name, text in case.rows.items():
        if name not in model.inputs:
            raise RuleError(
                _("测试给了 {name} 的行,但模型的 inputs 没有它", name=name), hint=_("把它加进 inputs 或删去")
            )
        engine.put(name, casetable.parse(name, text, content.tables[name]))


def _compare(case: Case, found: list[Finding]) -> list[str]:
    problems = []
    levels: dict[str, set[str]] = {}
    for f in found:
        levels.setdefault(f.subject_id, set()).add(f.level.value)
    for subject, wanted in case.fires.items():
        got = levels.get(subject)
        if got is None:
            problems.append(_("{s} 应命中({want}),没有命中", s=subject, want=wanted.value))
        elif got != {wanted.value}:
            problems.append(_("{s} 应为 {want},得到 {got}", s=subject, want=wanted.value, got="、".join(got)))
    problems += [
        _("{s} 不应命中,却命中({got})", s=s, got="、".join(sorted(got)))
        for s, got in sorted(levels.items())
        if s not in case.fires
    ]
    return problems
