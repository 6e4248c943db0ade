"""How far two records agree in one field: a level for each pair, and how much that level speaks for a match.

I. Fellegi and A. Sunter, A Theory for Record Linkage (1969): each level adds log(m / u), m being how often records
of one entity agree so, u how often records of two entities do. The shares m are assumptions of ours, fitted to no data;
u of an agreement in name follows from how rare its parts are (W. Winkler, Using the EM Algorithm for Weight Computation
in the Fellegi-Sunter Model of Record Linkage, 1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import distance, fuzz, process
from scipy.sparse import csr_array

from mingjian.detect.entities.addresses import Address, conflicts
from mingjian.detect.entities.names import Names, is_chinese

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVELS = ("missing", "differs", "alike", "contained", "close", "same_reading", "same")
MISSING, DIFFERS, ALIKE, CONTAINED, CLOSE, READING, SAME = range(7)
M_NAME = np.array([1.0, 0.04, 0.06, 0.10, 0.10, 0.15, 0.55])  # of the levels in turn
LOOSER = np.array([1.0, 1.0, 1.0, 3.0, 10.0, 2.0, 1.0])  # how many more strangers agree so loosely
ADDRESS_LEVELS = ("missing", "differs", "same_road", "same_door", "same")
M_ADDRESS = np.array([1.0, 0.15, 0.10, 0.25, 0.50])
U_ADDRESS = np.array([1.0, 0.985, 0.0145, 4e-4, 2e-5])
M_VALUE, VALUE_LEVELS = np.array([1.0, 0.08, 0.92]), ("missing", "differs", "same")
LEAST_U, MOST_U = 1e-9, 0.3
U_ALIKE = 0.03
# Two names with nothing in common are two entities whatever else agrees: households share addresses and phones, and
# the sum of weights takes fields to be independent.
VETO = -100.0
CLOSE_FROM, ALIKE_FROM, CONTAINED_FROM = 0.9, 0.75, 0.85
WORKERS, SHORT = 1, 4


@dataclass(frozen=True)
class Agreement:
    """For each pair: the level (a position in `names`) and the weight log(m / u) in nats."""

    level: Ints
    weight: Floats
    names: Sequence[str]


def compare_names(names: Names, left: Ints, right: Ints) -> Agreement:
    """Names of people or companies; see `LEVELS`."""
    shared = _shared(names, left, right)
    one, two = [names.read[i] for i in left], [names.read[i] for i in right]
    like = process.cpdist(one, two, scorer=fuzz.ratio, dtype=np.float32, workers=WORKERS) / 100
    gone = np.fromiter((not p for p in names.plain), dtype=bool, count=len(names.plain))
    chinese = np.fromiter((is_chinese(p) for p in names.plain), dtype=bool, count=len(names.plain))
    size = np.fromiter((len(p) for p in names.parts), dtype=np.int64, count=len(names.parts))
    whole = np.array([sum(names.weight[p] for p in set(parts)) for parts in names.parts])
    less = np.minimum(whole[left], whole[right])
    han = chinese[left] & chinese[right]
    close = np.where(han, _one_sign(names, left, right, size), like >= CLOSE_FROM)
    level = np.full(len(left), DIFFERS)
    short = han & (np.maximum(size[left], size[right]) <= SHORT)
    level[(like >= ALIKE_FROM) & ~short] = (
        ALIKE  # short Chinese names that sound a little alike are everywhere
    )
    level[(shared >= CONTAINED_FROM * less) & (shared > 0) & ~han] = CONTAINED
    level[close] = CLOSE
    level[np.fromiter((a == b for a, b in zip(one, two, strict=True)), dtype=bool, count=len(one))] = READING
    equal = (names.plain[i] == names.plain[j] for i, j in zip(left, right, strict=True))
    level[np.fromiter(equal, dtype=bool, count=len(left))] = SAME
    level[gone[left] | gone[right]] = MISSING
    known = np.where(level >= READING, np.minimum(names.known[left], names.known[right]), shared)
    u = np.clip(np.exp(-known) * LOOSER[level], LEAST_U, MOST_U)
    u = np.where(level == ALIKE, U_ALIKE, u)
    weight = np.where(level == DIFFERS, VETO, np.where(level == MISSING, 0.0, np.log(M_NAME[level] / u)))
    return Agreement(level, weight, LEVELS)


def compare_addresses(addresses: list[Address], left: Ints, right: Ints) -> Agreement:
    """Chinese addresses by their parts, others by likeness of the words; see `ADDRESS_LEVELS`."""
    pairs = zip(left, right, strict=True)
    level = np.fromiter((_address_level(addresses[i], addresses[j]) for i, j in pairs), np.int64, len(left))
    return Agreement(level, np.log(M_ADDRESS[level] / U_ADDRESS[level]), ADDRESS_LEVELS)


def compare_values(values: list[str], left: Ints, right: Ints) -> Agreement:
    """Values that either agree or do not (a phone, a date of birth)."""
    column = np.array(values, dtype=object)
    level = np.where(column[left] == column[right], 2, 1)
    level[(column[left] == "") | (column[right] == "")] = 0
    u_same = 1 / max(len(set(values) - {""}), 2)
    u = np.array([1.0, 1 - u_same, u_same])
    return Agreement(level, np.log(M_VALUE[level] / u[level]), VALUE_LEVELS)


def _address_level(a: Address, b: Address) -> int:
    if a == Address() or b == Address():
        return 0
    if a.rest or b.rest:
        like = fuzz.token_sort_ratio(a.rest, b.rest) / 100 if a.rest and b.rest else 0.0
        return 4 if like >= 0.95 else 3 if like >= 0.85 else 1
    if any(a.door) and a.door == b.door:
        return 3 if conflicts(a, b) else 4
    return 2 if a.road and a.road == b.road and not _apart(a, b) else 1


def _apart(a: Address, b: Address) -> bool:
    return bool(a.district and b.district and a.district != b.district)


def _shared(names: Names, left: Ints, right: Ints) -> Floats:
    """Information of the parts that both names have."""
    number = {part: n for n, part in enumerate(names.weight)}
    columns = [number[p] for parts in names.parts for p in dict.fromkeys(parts)]
    starts = np.cumsum([0, *(len(set(parts)) for parts in names.parts)])
    share = np.sqrt(np.array(list(names.weight.values())))[columns] if columns else np.zeros(0)
    matrix = csr_array((share, columns, starts), shape=(len(names.parts), max(len(number), 1)))
    return np.asarray(matrix[left].multiply(matrix[right]).sum(axis=1)).ravel()


def _one_sign(names: Names, left: Ints, right: Ints, size: Ints) -> NDArray[np.bool_]:
    """Chinese names that differ in one sign, one of them of three or more."""
    longer = np.maximum(size[left], size[right])
    one, two = [names.plain[i] for i in left], [names.plain[i] for i in right]
    edits = process.cpdist(one, two, scorer=distance.Levenshtein.distance, dtype=np.int32, workers=WORKERS)
    return (edits == 1) & (longer >= 3)
