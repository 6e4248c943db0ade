"""Which fit judges a day's rows: found among the records, rebuilt from its snapshot, or made now where there is none.

The choice depends on the records and the day alone, so that a replay makes it again: the newest record trained before
the day; without one, the record of the day itself; without that too, the day's own rows.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mingjian.detect.outliers import fitted, records, training
from mingjian.detect.outliers.fitted import Fitted
from mingjian.detect.outliers.records import Record
from mingjian.detect.outliers.room import Room, current
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _
from mingjian.domain.model import Model, detector_of

LIBRARIES = ("pyod", "scikit-learn", "numpy")
MOST_KEPT = 16  # fits held in memory by one process
CLOSE = 1e-6  # how near a rebuilt fit must come to its record, relative


@dataclass(frozen=True)
class Standing:
    """The fit that judges, by peer group, and what a finding says of it: training day, rows, versions, record."""

    groups: dict[str, Fitted]
    said: dict[str, Any]


_rebuilt: OrderedDict[tuple[str, str], dict[str, Fitted]] = OrderedDict()
_rebuilding = threading.Lock()


def fit_for(model: Model, values: dict[str, Any], as_of: date, frame: pd.DataFrame) -> Standing:
    """The fit for the day's rows `frame`; RuleError when its record is not ours or cannot be come to again."""
    room = current()
    if room is None:
        return _made(model, frame, as_of, {}, "")
    key = key_of(model, values)
    path = room.standing(model.id, key, as_of)
    if path is not None:
        record = records.read(path, room.secret)
        _refuse_other(path, record, model, key)
        groups = _again(room, model, record, path)
        return Standing(groups, _said(record.trained_on, record.rows, record.lake, path.stem))
    made = _made(model, frame, as_of, room.versions, room.path(model.id, key, as_of).stem)
    if room.keeps:
        keep(room, model, values, as_of, made.groups)
        room.say(_("模型 {id} 没有拟合记录，已用 {day} 的数据拟合", id=model.id, day=as_of))
    return made


def keep(room: Room, model: Model, values: dict[str, Any], as_of: date, made: dict[str, Fitted]) -> bool:
    """Record a fit made of the day's snapshot; False when that day already has one."""
    key = key_of(model, values)
    groups = {
        name: {
            "rows": len(f.peers.x),
            "center": f.peers.center.tolist(),
            "spread": f.peers.spread.tolist(),
            "quantiles": f.quantiles(),
        }
        for name, f in made.items()
    }
    program = {name: version(name) for name in LIBRARIES}
    record = Record(model.id, key, as_of.isoformat(), _params(values), room.versions, program, groups)
    return records.write(room.path(model.id, key, as_of), record, room.secret)


def key_of(model: Model, values: dict[str, Any]) -> str:
    """SHA-256 of all a fit depends on beside the snapshot: features, detector and parameter values."""
    parts = [
        model.id,
        model.first,
        model.features,
        model.subject.column,
        detector_of(model).model_dump(),
        _params(values),
    ]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def forget() -> None:
    """Let go of the fits held in memory; the next judgement reads its record again."""
    with _rebuilding:
        _rebuilt.clear()


def _again(room: Room, model: Model, record: Record, path: Path) -> dict[str, Fitted]:
    mark = (str(path), repr(sorted(record.lake.items())))
    with _rebuilding:
        if mark not in _rebuilt:
            frame = training.frame(room.lake, room.tables, room.home / "spill", model, record)
            made = fitted.fit(frame, model)
            _refuse_changed(path, record, made)
            _rebuilt[mark] = made
            if len(_rebuilt) > MOST_KEPT:
                _rebuilt.popitem(last=False)
        _rebuilt.move_to_end(mark)
        return _rebuilt[mark]


def _refuse_other(path: Path, record: Record, model: Model, key: str) -> None:
    if record.model != model.id or record.key != key or record.trained_on != path.name[:10]:
        raise RuleError(
            _("拟合记录 {path} 属于别的模型、参数或日期", path=path),
            hint=_("删去该文件后运行 mingjian refit"),
        )


def _refuse_changed(path: Path, record: Record, made: dict[str, Fitted]) -> None:
    """A rebuilt fit is the recorded one, or the snapshot or a library has changed under it."""
    same = made.keys() == record.groups.keys() and all(
        len(f.peers.x) == record.groups[name]["rows"]
        and np.allclose(f.peers.center, record.groups[name]["center"], rtol=CLOSE)
        and np.allclose(f.peers.spread, record.groups[name]["spread"], rtol=CLOSE)
        and np.allclose(f.quantiles(), record.groups[name]["quantiles"], rtol=CLOSE)
        for name, f in made.items()
    )
    if not same:
        changed = [n for n in LIBRARIES if record.program.get(n) != version(n)]
        raise RuleError(
            _("按记录 {path} 重新拟合的结果与记录不符", path=path),
            hint=_(
                "查看训练快照与程序库（变动：{names}）；删去该文件后运行 mingjian refit",
                names="、".join(changed) or "-",
            ),
        )


def _made(model: Model, frame: pd.DataFrame, as_of: date, lake: dict[str, int], record: str) -> Standing:
    groups = fitted.fit(frame, model)
    rows = sum(len(f.peers.x) for f in groups.values())
    return Standing(groups, _said(as_of.isoformat(), rows, lake, record))


def _said(trained_on: str, rows: int, lake: dict[str, int], record: str) -> dict[str, Any]:
    versions = [{"table": t, "version": int(v)} for t, v in sorted(lake.items())]
    return {"trained_on": trained_on, "rows": rows, "record": record, "lake": versions}


def _params(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "as_of"}
