"""Candidate pairs: records that share a key, a bounded number for each key, never all pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mingjian.detect.entities.addresses import Address
from mingjian.detect.entities.names import Names, is_chinese
from mingjian.detect.near.shingles import distinct

Ints = NDArray[np.int64]
RARE, START, SHORT = 3, 6, 4


def name_keys(names: Names) -> Iterator[tuple[int, str]]:
    """(record, key): what it sounds like, the same with one part left out (short names), its rarest parts, its start.

    Two names that differ in one sign share the key with that sign left out.
    """
    for row, (plain, read, parts) in enumerate(zip(names.plain, names.read, names.parts, strict=True)):
        if not parts:
            continue
        yield row, "=" + read
        if len(parts) > SHORT or not is_chinese(plain):  # a single sign is shared by far too many short names
            for part in sorted(set(parts), key=lambda p: (-names.weight[p], p))[:RARE]:
                yield row, "*" + part
        elif len(parts) > 2:
            for out in range(len(parts)):
                yield row, "-" + " ".join(parts[:out] + parts[out + 1 :])
        yield row, "^" + read.replace(" ", "")[:START]


def address_keys(addresses: list[Address]) -> Iterator[tuple[int, str]]:
    """(record, key): the door, or the whole where no door is told."""
    for row, address in enumerate(addresses):
        if any(address.door):
            yield row, "door " + " ".join(address.door)
        elif address.rest:
            yield row, "rest " + address.rest


def value_keys(values: Iterable[str | None]) -> Iterator[tuple[int, str]]:
    """(record, key): the value itself."""
    for row, value in enumerate(values):
        if isinstance(value, str) and value:
            yield row, value


def candidate_pairs(keys: Iterable[tuple[int, str]], order: Ints, reach: int) -> tuple[Ints, Ints]:
    """Pairs (left < right) of records with a common key, those of a large key only with their neighbours.

    Within a key, records stand in the given `order` (rank of each record) and each meets the next `reach`: all pairs
    of a key of up to reach + 1 records, a sorted neighbourhood of a larger one (M. Hernandez and S. Stolfo 1995). So
    there are at most `reach` pairs for each record and key.
    """
    frame = pd.DataFrame(keys, columns=["row", "key"])
    n = len(order)
    code = frame["key"].factorize()[0].astype(np.int64)
    row = frame["row"].to_numpy(dtype=np.int64)
    place = np.lexsort((order[row], code))
    code, row = code[place], row[place]
    found = [np.zeros(0, dtype=np.int64)]
    for step in range(1, reach + 1):
        same = (code[step:] == code[:-step]) & (row[step:] != row[:-step])
        if not (code[step:] == code[:-step]).any():
            break
        a, b = row[:-step][same], row[step:][same]
        found.append(distinct(np.minimum(a, b) * n + np.maximum(a, b)))
    pairs = distinct(np.concatenate(found))
    return pairs // n, pairs % n
