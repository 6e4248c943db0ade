"""What is kept of a fit: not the fitted object but what it was fitted on, as signed JSON.

A saved detector is a pickle, and loading one runs code. A record names the snapshot, the seed and the settings; the
detector is fitted again from them and must come to the recorded centres, spreads and scores. The signature is an
HMAC-SHA256 with a key of this service alone, so nobody can point a model at other training data unseen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

SIGNATURE = "signature"


@dataclass(frozen=True)
class Record:
    """One fit. `key` is the mark of model, features, detector and parameter values; `lake` maps table to version.

    `groups` maps each peer group to {"rows", "center", "spread", "quantiles"}; `program` maps a library to its version.
    """

    model: str
    key: str
    trained_on: str
    params: dict[str, Any]
    lake: dict[str, int]
    program: dict[str, str]
    groups: dict[str, dict[str, Any]]

    @property
    def rows(self) -> int:
        return sum(int(g["rows"]) for g in self.groups.values())


def write(path: Path, record: Record, secret: str) -> bool:
    """Sign and keep the record; False when there already is one: a record never changes."""
    body = asdict(record)
    text = json.dumps(
        body | {SIGNATURE: _signature(body, secret)},
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
        default=str,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.write_text(text, encoding="utf-8")
    written = False
    with suppress(FileExistsError):
        os.link(draft, path)
        written = True
    draft.unlink()
    return written


def read(path: Path, secret: str) -> Record:
    """The record at `path`; RuleError when it is not what this service has signed."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        said = body.pop(SIGNATURE)
        genuine = hmac.compare_digest(str(said), _signature(body, secret))
        record = Record(**body) if genuine else None
    except (ValueError, KeyError, TypeError, AttributeError):
        record = None
    if record is None:
        raise RuleError(
            _("拟合记录 {path} 的签名不符，拒绝使用", path=path),
            hint=_("查明谁改动了它；删去该文件后运行 mingjian refit"),
        )
    return record


def day_of(path: Path) -> date:
    """The training day that a record's file name begins with."""
    return date.fromisoformat(path.name[:10])


def _signature(body: dict[str, Any], secret: str) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
