"""Everything one warning's page shows, read once and masked for its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping

from mingjian.content import Content
from mingjian.content.conditions import Reader
from mingjian.content.labels import namer
from mingjian.domain.errors import NotFound
from mingjian.domain.evaluation import Verdict
from mingjian.domain.i18n import _, language, pick
from mingjian.domain.level import Level
from mingjian.domain.model import Model
from mingjian.domain.order import Light
from mingjian.domain.reason import DispatchReason, WarnReason
from mingjian.explain.pictured import is_listed
from mingjian.store import appeals, evaluations, order_queue, queue, rechecks
from mingjian.store.late import EVALUATION_LATE, PART_LATE
from mingjian.web import labels, naming, show
from mingjian.web.access import Access
from mingjian.web.actions import Offered, offered_now
from mingjian.web.appealed import AppealsShown, show_appeals
from mingjian.web.codes import coded_words
from mingjian.web.evaluated import RoundShown, show_rounds
from mingjian.web.looked import looked_at_case
from mingjian.web.masking import Masker, hidden, shorten_tokens
from mingjian.web.pictures import Pictures, pictures_of
from mingjian.web.rechecked import RecheckShown, show_plan
from mingjian.web.unannounced import hidden_steps, seen_row, seen_steps
from mingjian.web.viewer import Office, Viewer

# What a reminder's reason tells: the unit whose part is late, or what an evaluation has come to.
LATE: dict[str, Callable[[str], str]] = {PART_LATE: str, EVALUATION_LATE: lambda code: Verdict(code).label}


@dataclass(frozen=True)
class Heading:
    """A column of an evidence table."""

    name: str
    label: str
    unit: str
    numeric: bool


@dataclass(frozen=True)
class EvidenceTable:
    """Rows of one table that made the finding, as text."""

    name: str
    label: str
    columns: list[Heading]
    rows: list[list[str]]


@dataclass(frozen=True)
class BasisLine:
    """One basis of the model: its code, then its title, state of confirmation and note as one text."""

    code: str
    text: str


@dataclass(frozen=True)
class LevelLine:
    """One branch of the model's level rule in words; `holds` is None where it cannot be told."""

    level: Level
    words: str
    holds: bool | None


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    what: str
    who: str
    note: str


@dataclass(frozen=True)
class Case:
    """One warning as its reader may see it; `model` is None when its file is gone."""

    row: Mapping[Any, Any]
    model: Model | None
    levels: list[LevelLine]
    explanation: str
    note: str
    evidence: list[EvidenceTable]
    basis: list[BasisLine]
    params: list[tuple[str, str, str]]
    measures: list[tuple[str, str]]
    pictures: Pictures
    lake: list[tuple[str, int]]
    order: RowMapping | None
    history: list[Event]
    recheck: RecheckShown | None
    rounds: list[RoundShown]
    appeals: AppealsShown
    file_within: int
    bundle: list[RowMapping]
    districts: dict[str, str]

    @property
    def resting(self) -> str:
        """Why the warning rests, in words."""
        return WarnReason(self.row["reason"]).label


def lead_not_finding() -> str:
    """The sentence that stands on every warning."""
    return _("预警只是供人工核查的线索，不是结论，也不会自动停发任何待遇；当事人和单位有权说明情况。")


@dataclass(frozen=True)
class Matter:
    """One warning as programs read it: the row, its order, masked evidence, the duplicates it carries on, and the
    steps that its reader may take.

    `seq` is the number of the last step that the reading is sure to know of.
    """

    row: Mapping[Any, Any]
    order: RowMapping | None
    evidence: list[EvidenceTable]
    merged: list[str]
    steps: list[Offered]
    seq: int


def open_matter(office: Office, viewer: Viewer, warning_id: str) -> Matter:
    """Read what a program is told of one warning, and note in the audit log who looked; NotFound as `open_case`.

    A program asks for history and plan by themselves, so they are not read here.
    """
    rows = viewer.access.rows
    with office.engine.begin() as conn:
        row = _found(conn, viewer, warning_id, queue.last_step(hidden_steps(viewer.access)))
        order = queue.order_of(conn, warning_id)
        merged = order_queue.merged_into(conn, rows, warning_id) if row["leads"] else []
        steps = offered_now(conn, office, viewer, row, order["tier"] if order else None)
        bundle = queue.bundle(conn, rows, row) if row["alike"] else []
        looked_at_case(conn, office, viewer, row, bundle)
    evidence = _evidence(row["evidence"], viewer.masker)
    return Matter(seen_row(row, viewer.access), order, evidence, merged, steps, row["seq"])


def _found(conn: Connection, viewer: Viewer, warning_id: str, *more: ColumnElement[Any]) -> RowMapping:
    row = queue.find(conn, viewer.access.rows, warning_id, *more)
    if row is None:
        raise NotFound(_("没有这条预警，或不在您的查看范围内"), hint=_("请核对编号，或从预警列表重新进入"))
    return row


def open_case(office: Office, viewer: Viewer, warning_id: str) -> Case:
    """Read one warning and note in the audit log who looked; NotFound when the reader may not see it."""
    rows = viewer.access.rows
    with office.engine.begin() as conn:
        row = _found(conn, viewer, warning_id)
        order = queue.order_of(conn, warning_id)
        history = _history(conn, warning_id, order, viewer.access)
        plan = rechecks.plan_of(conn, warning_id) if viewer.access.rechecks else None
        findings = viewer.access.findings
        said_of_it = evaluations.of_warning(conn, warning_id) if findings else []
        appealed = appeals.of_warning(conn, warning_id) if findings else []
        bundle = queue.bundle(conn, rows, row)
        districts = {d["code"]: d["name"] for d in queue.districts(conn)}
        looked_at_case(conn, office, viewer, row, bundle)
    model = office.content.models.get(row["model"])
    said = row["explanation"]
    return Case(
        row=seen_row(row, viewer.access),
        model=model,
        levels=_levels(office.content, model, row, viewer.masker),
        explanation=shorten_tokens(str(said.get(language()) or said.get("zh", ""))),
        note=lead_not_finding(),
        evidence=_evidence(row["evidence"], viewer.masker),
        basis=_basis(office.content, model),
        params=_params(row["params"], model),
        measures=_measures(office.content, model, _seen(row, viewer.masker), viewer.masker),
        pictures=pictures_of(row, model, office.content, viewer.masker),
        lake=[(naming.table_name(office.content, table), version) for table, version in row["lake"].items()],
        order=order,
        history=history,
        recheck=show_plan(plan),
        rounds=show_rounds(said_of_it, office.content.policy),
        appeals=show_appeals(appealed, row, viewer),
        file_within=office.content.policy.appeals.file_within,
        bundle=bundle,
        districts=districts,
    )


def _levels(content: Content, model: Model | None, row: Mapping[Any, Any], masker: Masker) -> list[LevelLine]:
    if model is None:
        return []
    seen = {name: masker.measure(name, value) for name, value in _seen(row, masker).items()}
    reader = Reader({**row["params"], **seen}, namer(model, content.tables))
    return [LevelLine(rule.level, reader.say(rule.when), reader.holds(rule.when)) for rule in model.level]


def _seen(row: Mapping[Any, Any], masker: Masker) -> dict[str, Any]:
    """The measures; where the subject is kept from this reader, the one that repeats it is too."""
    if not masker.hides_subject(row["subject_kind"], row["subject_id"]):
        return dict(row["measures"])
    return {k: hidden() if v == row["subject_id"] else v for k, v in row["measures"].items()}


def _measures(
    content: Content, model: Model | None, seen: dict[str, Any], masker: Masker
) -> list[tuple[str, str]]:
    """Every figure of the model but those that a picture shows."""
    name = namer(model, content.tables) if model else str
    listed = {column: value for column, value in seen.items() if is_listed(column, value)}
    return [(name(column), show.plain(masker.measure(column, value))) for column, value in listed.items()]


def _evidence(evidence: list[dict[str, Any]], masker: Masker) -> list[EvidenceTable]:
    """Rows grouped by table; columns in the manifest's order, the key first."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for item in evidence:
        key = item["key"] if isinstance(item["key"], dict) else {}
        by_table.setdefault(item["table"], []).append({**key, **item["row"]})
    return [_table(name, rows, masker) for name, rows in by_table.items()]


def _table(name: str, rows: list[dict[str, Any]], masker: Masker) -> EvidenceTable:
    table = masker.content.tables.get(name)
    known = list(table.columns) if table else []
    present = {column for row in rows for column in row}
    key = [c for c in (table.key if table else []) if c in present]
    names = key + [c for c in known if c in present and c not in key] + sorted(present - set(known))
    columns = table.columns if table else {}
    return EvidenceTable(
        name=name,
        label=naming.table_name(masker.content, name),
        columns=[_heading(c, masker, name) for c in names],
        rows=[[show.plain(masker.cell(name, c, row), columns.get(c)) for c in names] for row in rows],
    )


def _heading(name: str, masker: Masker, table_name: str) -> Heading:
    table = masker.content.tables.get(table_name)
    column = table.columns.get(name) if table else None
    return Heading(
        name,
        naming.column_name(masker.content, table_name, name),
        show.unit_of(column) if column else "",
        numeric=column is not None and show.is_number(column) and not column.personal,
    )


def _basis(content: Content, model: Model | None) -> list[BasisLine]:
    """The model's bases with the register's titles; a code that no register knows stands alone."""
    found = []
    for basis in model.basis if model else []:
        listed = content.basis.get(basis.code)
        title = pick({"zh": listed.title, "en": listed.en or listed.title}) if listed else ""
        # "To be filled" has no title of its own to add to what the model says is missing.
        if basis.state == "A" and basis.note:
            title = ""
        said = [title, labels.label(labels.BASIS, basis.state), basis.note]
        found.append(BasisLine(basis.code, " · ".join(part for part in said if part)))
    return found


def _params(used: dict[str, Any], model: Model | None) -> list[tuple[str, str, str]]:
    """(name, value, unit) of the parameters as they were when the warning was made; a picture shows its events."""
    found = []
    for name, value in used.items():
        if not is_listed(name, value):
            continue
        param = model.params.get(name) if model else None
        text = pick({"zh": param.zh, "en": param.en}) if param else name
        found.append((text, show.plain(value), param.unit if param else ""))
    return found


def _history(conn: Connection, warning_id: str, order: RowMapping | None, access: Access) -> list[Event]:
    """Decisions and steps in one line of time, newest first."""
    steps = seen_steps(queue.steps(conn, [warning_id, *([order["id"]] if order else [])]), access)
    named = {step["actor"] for step in steps} | {step["on_behalf_of"] for step in steps} - {None}
    names = queue.names_of(conn, sorted(named))
    events = [
        Event(
            at=step["at"],
            what=labels.label(labels.ACTION, step["action"]) + _change(step),
            who=_who(step, names),
            note=_words(step),
        )
        for step in steps
    ]
    events += [
        Event(
            at=decision["decided_at"],
            what=WarnReason(decision["reason"]).label,
            who=_("模型"),
            note=_decided(decision),
        )
        for decision in queue.decisions(conn, warning_id)
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _who(step: Mapping[Any, Any], names: dict[str, str]) -> str:
    """Who took a step, and for whom when somebody was absent."""
    actor, principal = step["actor"], step["on_behalf_of"]
    who = names.get(actor, _("系统") if actor.lower() == "system" else actor)
    return (
        _("{who}（代 {principal}）", who=who, principal=names.get(principal, principal)) if principal else who
    )


def _decided(decision: RowMapping) -> str:
    """Level and score of a decision, and what silenced the warning."""
    said = _("{level}，{score} 分", level=labels.level_label(decision["level"]), score=decision["score"])
    return _("；").join(part for part in (said, _because(decision["detail"])) if part)


def _because(detail: dict[str, Any]) -> str:
    """What silenced a warning: the other warning, the document, or the day until which it is snoozed."""
    if "warning" in detail:
        return _("见预警 {id}", id=detail["warning"])
    if "document" in detail:
        return _("文件 {name}", name=detail["document"])
    if "until" in detail:
        return _("到 {day}，{why}", day=detail["until"], why=detail["why"])
    return ""


def _change(step: Mapping[Any, Any]) -> str:
    """From where to where, for steps whose ends are states, lights or tiers."""
    before, after = step["from_state"], step["to_state"]
    if before == after:
        return ""
    if step["object_kind"] == "warning":
        return _("（{a} → {b}）", a=_state(before), b=_state(after))
    if step["action"] == "light":
        return _("（{a} → {b}）", a=Light(before).label, b=Light(after).label)
    if step["action"] == "raise":
        return _("（第 {a} 级 → 第 {b} 级）", a=before, b=after)
    return ""


def _words(step: Mapping[Any, Any]) -> str:
    """What the actor said; the notes of an order's own steps are limits in working days."""
    if step["action"] == "hand_over":
        return str(step["note"])
    if step["action"] == "leader_idle":
        return _("连续第 {n} 周", n=step["reason"])
    if step["action"] in LATE:
        what = LATE[step["action"]](step["reason"])
        return _("{what}，期限 {when}", what=what, when=step["note"])
    if step["object_kind"] == "order":
        if step["action"] in ("remind", "raise"):
            return coded_words(step["reason"])
        return _("{n} 个工作日", n=step["note"]) if step["note"].isdigit() else ""
    if step["reason"] == DispatchReason.DISPATCHED:
        return str(step["note"])  # the step's own name says it
    return _("：").join(part for part in (coded_words(step["reason"]), step["note"]) if part)


def _state(code: str) -> str:
    return labels.label(labels.STATUS, code) or "—"
