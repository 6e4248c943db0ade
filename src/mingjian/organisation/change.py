"""What becomes of a unit: moved, merged, renamed, closed; each with its day, its document and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.unit import PARENT_LEVELS, TOP_LEVELS, ChangeKind, UnitLevel
from mingjian.organisation.handover import hand_over_duties, hand_over_orders
from mingjian.store import audit, organisation
from mingjian.store import handover as orders_of

MAX_NAME = 200


@dataclass(frozen=True)
class Decision:
    """Who decides what takes effect from which day on, and by which document."""

    actor: str
    day: date
    document: str
    at: datetime


@dataclass(frozen=True)
class Merged:
    """What a merger handed over: orders, users, and units that stood below."""

    orders: int
    users: int
    units: int


def decide(clock: Clock, actor: str, document: str, day: date | None = None) -> Decision:
    """A decision of today or of a past day; MingjianError for a day to come or without a document."""
    now = clock.now()
    today = now.astimezone(CITY_TZ).date()
    if day is not None and day > today:
        raise MingjianError(_("{day} 还没有到", day=day), hint=_("到生效那天再执行；--day 只能是今天或过去"))
    if not document.strip():
        raise MingjianError(_("请写明依据的文件"), hint=_("用 --document 写文号，如 编委发〔2026〕8号"))
    return Decision(actor, day or today, document.strip(), now)


def move(conn: Connection, unit_id: str, parent_id: str, why: Decision) -> int:
    """Hang a unit with all that stands below it under another; returns how many units moved.

    Raises NotFound, or MingjianError when the levels do not fit or a circle would close.
    """
    organisation.lock_tree(conn)
    units = _open(conn, [unit_id, parent_id], why)
    moved, parent = units[unit_id], units[parent_id]
    if moved["parent_id"] == parent_id:
        raise MingjianError(
            _("{unit} 已在 {parent} 之下", unit=unit_id, parent=parent_id), hint=_("请核对单位")
        )
    _check_place(moved, parent)
    count = organisation.set_parent(conn, unit_id, moved["path"], parent_id, parent["path"])
    _record(conn, why, [_change(unit_id, ChangeKind.MOVED, moved["parent_id"], parent_id)], units=count)
    return count


def rename(conn: Connection, unit_id: str, name: str, why: Decision) -> None:
    """Give a unit another name; what was written before keeps meaning this unit, whose old name is history."""
    organisation.lock_tree(conn)
    new = name.strip()
    was = _open(conn, [unit_id], why)[unit_id]["name"]
    if not new or len(new) > MAX_NAME or not new.isprintable():
        raise MingjianError(
            _("名称不能为空、不能超过 {n} 字、不能含控制字符", n=MAX_NAME), hint=_("请改正名称")
        )
    if new == was:
        raise MingjianError(_("{unit} 已叫这个名称", unit=unit_id), hint=_("请核对名称"))
    organisation.set_name(conn, unit_id, new)
    _record(conn, why, [_change(unit_id, ChangeKind.RENAMED, was, new)])


def close(conn: Connection, unit_id: str, why: Decision) -> None:
    """Close a unit that has nothing left to do; MingjianError says what is left, and how to hand it over."""
    organisation.lock_tree(conn)
    _open(conn, [unit_id], why)
    left = orders_of.count_unfinished(conn, unit_id)
    below, users = len(organisation.children_of(conn, [unit_id])), organisation.users_in(conn, unit_id)
    if left or below or users:
        raise MingjianError(
            _(
                "{unit} 还有 {orders} 件未了结的督办单、{users} 个在用账号、{units} 个下级单位",
                unit=unit_id,
                orders=left,
                users=users,
                units=below,
            ),
            hint=_("有承接单位时用 mingjian organisation merge 一并移交，否则先办结、调出"),
        )
    organisation.set_closed(conn, [unit_id], why.day, None)
    _record(conn, why, [_change(unit_id, ChangeKind.CLOSED, None, None)])


def merge(conn: Connection, ids: Sequence[str], into: str, why: Decision) -> Merged:
    """Let `into` take over these units: their orders (deadlines as they are), users, duty and units below.

    The merged units are closed, keep their ids and name their successor. Raises as `move`.
    """
    organisation.lock_tree(conn)
    leaving = list(dict.fromkeys(ids))
    if into in leaving:
        raise MingjianError(_("单位不能并入自己"), hint=_("从被并入的单位中去掉 {unit}", unit=into))
    units = _open(conn, [*leaving, into], why)
    target = units[into]
    for unit_id in leaving:
        if target["path"].startswith(units[unit_id]["path"]):
            raise MingjianError(
                _("{into} 在 {unit} 之下，不能承接它", into=into, unit=unit_id),
                hint=_("先用 mingjian organisation move 把 {into} 划出", into=into),
            )
    changes = _take_children(conn, leaving, target, why)
    taken = len(changes)
    orders = hand_over_orders(conn, leaving, into, why.actor, why.at, why.document)
    hand_over_duties(conn, leaving, into)
    users = organisation.move_users(conn, leaving, target)
    organisation.set_closed(conn, leaving, why.day, into)
    changes += [_change(unit_id, ChangeKind.MERGED, None, into) for unit_id in leaving]
    _record(conn, why, changes, orders=orders, users=users)
    return Merged(orders, len(users), taken)


def _take_children(
    conn: Connection, leaving: Sequence[str], target: RowMapping, why: Decision
) -> list[dict[str, Any]]:
    """Hang what stands below the leaving units under the target; a unit that leaves too stays where it is."""
    changes = []
    for child in organisation.children_of(conn, leaving):
        if child["id"] in leaving:
            continue
        _check_place(child, target)
        organisation.set_parent(conn, child["id"], child["path"], target["id"], target["path"])
        changes.append(_change(child["id"], ChangeKind.MOVED, child["parent_id"], target["id"]))
    return changes


def _open(conn: Connection, ids: Sequence[str], why: Decision) -> dict[str, RowMapping]:
    """These units, locked, all standing and none changed after the decision's day."""
    found = organisation.lock_units(conn, ids)
    for unit_id in ids:
        row = found.get(unit_id)
        if row is None:
            raise NotFound(_("没有单位 {id}", id=unit_id), hint=_("请核对单位编码"))
        if row["closed_on"] is not None:
            raise MingjianError(
                _("{unit} 已于 {day} 撤销", unit=unit_id, day=row["closed_on"]),
                hint=_("承接单位：{unit}", unit=row["successor_id"] or _("无")),
            )
    newest = organisation.last_change_day(conn, ids)
    if newest is not None and newest > why.day:
        raise MingjianError(
            _("{day} 之后（{newest}）已有变动记录", day=why.day, newest=newest),
            hint=_("变动须按先后记录：改用不早于 {newest} 的日期", newest=newest),
        )
    return found


def _check_place(moved: RowMapping, parent: RowMapping) -> None:
    if parent["path"].startswith(moved["path"]):
        raise MingjianError(
            _("{parent} 就在 {unit} 之下，会绕成圈", parent=parent["id"], unit=moved["id"]),
            hint=_("换一个上级单位"),
        )
    level, above = UnitLevel(moved["level"]), UnitLevel(parent["level"])
    if above not in PARENT_LEVELS[level]:
        allowed = "、".join(sorted(above.label for above in PARENT_LEVELS[level] | TOP_LEVELS & {level}))
        raise MingjianError(
            _(
                "{unit} 是{level}单位，不能放在{above}单位之下",
                unit=moved["id"],
                level=level.label,
                above=above.label,
            ),
            hint=_("上级须是：{allowed}", allowed=allowed),
        )


def _change(unit_id: str, kind: ChangeKind, before: str | None, after: str | None) -> dict[str, Any]:
    return {"unit_id": unit_id, "kind": kind, "before": before, "after": after}


def _record(conn: Connection, why: Decision, changes: Sequence[dict[str, Any]], **more: Any) -> None:
    """One row of history and one of audit for each change; `more` says what a merger or move took along."""
    signed = {"day": why.day, "document": why.document, "actor": why.actor, "at": why.at}
    organisation.add_changes(conn, [{**change, **signed} for change in changes])
    entries = [
        {
            "actor": why.actor,
            "action": f"unit_{change['kind']}",
            "object_kind": "unit",
            "object_id": change["unit_id"],
            "detail": {
                "from": change["before"],
                "to": change["after"],
                "day": str(why.day),
                "document": why.document,
                **more,
            },
        }
        for change in changes
    ]
    audit.record_many(conn, at=why.at, entries=entries)
