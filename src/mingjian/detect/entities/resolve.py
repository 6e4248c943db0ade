"""Records to entities: candidates, field by field agreement, match probability, star-shaped clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mingjian.detect.entities.addresses import parse_address
from mingjian.detect.entities.blocking import address_keys, candidate_pairs, name_keys, value_keys
from mingjian.detect.entities.compare import Agreement, compare_addresses, compare_names, compare_values
from mingjian.detect.entities.names import Names, names_of
from mingjian.detect.near.stars import star_labels
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

Ints = NDArray[np.int64]
FieldKind = Literal["name", "address", "value"]
Prepared = Names | list[Any]  # a column ready to be compared; addresses and values are lists
REACH = 30
BLOCK = 200_000  # pairs compared at once


@dataclass(frozen=True)
class Resolution:
    """`entities`: for each record the position of the record that stands for its entity.

    `pairs`: the compared pairs worth looking at: left, right, probability, and for each field its level of agreement
    (`same`, `same_reading`, `close`, … `missing`), which is the reason. `compared` counts all compared pairs.
    """

    entities: Ints
    pairs: pd.DataFrame
    compared: int


def resolve(
    records: pd.DataFrame,
    fields: Mapping[str, FieldKind],
    *,
    threshold: float = 0.5,
    per_record: float = 1.0,
    reach: int = REACH,
) -> Resolution:
    """Entities among `records`; `fields` says what each column is: a name, an address, or a value that is equal or not.

    A pair's probability is that of Fellegi and Sunter (1969) with the prior that a record has `per_record` others
    like it. Only pairs with a common key are compared, at most `reach` for each record and key. A record joins an
    entity when its probability with the record that stands for the entity is `threshold` or more. RuleError for
    a column that is not there or a kind that is not known.
    """
    _check(records, fields)
    n = len(records)
    columns = {name: _prepared(records[name], kind) for name, kind in fields.items()}
    order = np.lexsort([records[name].fillna("").astype(str).to_numpy() for name in reversed(list(fields))])
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    keys = chain.from_iterable(_keys(fields[name], column) for name, column in columns.items())
    left, right = candidate_pairs(keys, rank, reach)
    prior = np.log(per_record / max(n - 1, 1))
    parts = [
        _compared(columns, fields, left[i : i + BLOCK], right[i : i + BLOCK], prior, threshold)
        for i in range(0, len(left), BLOCK)
    ] or [_compared(columns, fields, left, right, prior, threshold)]
    pairs = pd.concat(parts, ignore_index=True)
    linked = pairs[pairs["probability"] >= threshold]
    entities = star_labels(linked["left"].to_numpy(np.int64), linked["right"].to_numpy(np.int64), n)
    return Resolution(entities, pairs, len(left))


def _check(records: pd.DataFrame, fields: Mapping[str, FieldKind]) -> None:
    missing = [c for c in fields if c not in records.columns]
    unknown = sorted({k for k in fields.values() if k not in ("name", "address", "value")})
    if missing or unknown or not fields:
        raise RuleError(
            _("实体归并的字段设置有误：{what}", what="、".join([*missing, *unknown])),
            hint=_("每列写明 name、address 或 value，且列须存在"),
        )


def _prepared(column: pd.Series, kind: FieldKind) -> Prepared:
    texts = [t if isinstance(t, str) else None for t in column.tolist()]
    if kind == "name":
        return names_of(texts)
    if kind == "address":
        return [parse_address(t) for t in texts]
    return [t or "" for t in texts]


def _keys(kind: FieldKind, column: Prepared) -> Iterable[tuple[int, str]]:
    if isinstance(column, Names):
        return name_keys(column)
    return address_keys(column) if kind == "address" else value_keys(column)


def _agreement(kind: FieldKind, column: Prepared, left: Ints, right: Ints) -> Agreement:
    if isinstance(column, Names):
        return compare_names(column, left, right)
    return (compare_addresses if kind == "address" else compare_values)(column, left, right)


def _compared(
    columns: Mapping[str, Prepared],
    fields: Mapping[str, FieldKind],
    left: Ints,
    right: Ints,
    prior: float,
    threshold: float,
) -> pd.DataFrame:
    """Pairs of one block that come near the threshold, with the level of each field."""
    weight, levels = np.full(len(left), prior), {}
    for name, column in columns.items():
        agreed = _agreement(fields[name], column, left, right)
        weight += agreed.weight
        levels[name] = np.array(agreed.names)[agreed.level]
    probability = 1 / (1 + np.exp(-np.clip(weight, -50, 50)))
    frame = pd.DataFrame({"left": left, "right": right, "probability": probability, **levels})
    return frame[probability >= threshold / 10]
