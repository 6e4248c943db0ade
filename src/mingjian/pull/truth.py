"""Tokens of single identifiers, so that raw numbers (a truth file) can be compared with findings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.pull.clean import tidy
from mingjian.pull.parse import PARSERS, Target
from mingjian.pull.tokens import KINDS, Kind, load_key, tokenise

_PARSE_AS = {kind: parse_as for parse_as, kind in KINDS.items()}


def token_of(home: Path, kind: Kind, raw: str) -> str:
    """The token that pull gives `raw`, brought to one form first; raises SourceError if it cannot be read."""
    parsed = PARSERS[_PARSE_AS[kind]](tidy(pd.Series([raw], dtype="str")), Target(pa.string()))
    if parsed.problem[0]:
        raise SourceError(
            _("无法识别的标识（{kind}）：{problem}", kind=kind, problem=parsed.problem[0]),
            hint=_("核对该文件中的号码是否完整"),
        )
    return str(tokenise(parsed.values, kind, load_key(home))[0])
