"""Valid numbers for people, companies and accounts who do not exist.

Identity numbers carry the check digit of GB 11643, companies' codes those of GB 32100 and GB 11714,
account numbers the Luhn digit. The area codes belong to no real place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import Dates, Numbers, Texts

ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ID_CHECK = np.array(list("10X98765432"), dtype=object)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = [3**i % 31 for i in range(17)]
ORG_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]


def digits(numbers: Numbers, width: int) -> Numbers:
    """Decimal digits of non-negative integers, most significant first: shape (len(numbers), width)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def id_numbers(district: Numbers, birth: Dates, female: Numbers) -> Texts:
    """18-digit identity numbers, unique among people of one call.

    People of one district, birthday and sex get running odd (men) or even (women) sequence numbers, so at most
    499 of them may share one.
    """
    day = pd.DatetimeIndex(birth)
    ymd = (day.year * 10_000 + day.month * 100 + day.day).to_numpy(np.int64)
    group = pd.Series(ymd * 10_000_000 + district * 10 + female)
    run = group.groupby(group.to_numpy()).cumcount().to_numpy()
    body = district.astype(np.int64) * 10**11 + ymd * 1000 + 2 * run + 1 + female
    check = ID_CHECK[(digits(body, 17) * ID_WEIGHTS).sum(axis=1) % 11]
    return body.astype(str).astype(object) + check


def old_id_numbers(id_no: Texts) -> Texts:
    """The 15-digit form that people born before 2000 still carry in old ledgers."""
    return np.array([text[:6] + text[8:17] for text in id_no], dtype=object)


def account_numbers(first: int, count: int) -> Texts:
    """19-digit card numbers `first`, `first`+1 … with their Luhn digit."""
    body = 621799 * 10**12 + np.arange(first, first + count, dtype=np.int64) * 7919 % 10**12
    parts = digits(body, 18)
    doubled = parts[:, ::-1].copy()
    doubled[:, ::2] *= 2
    total = (doubled // 10 + doubled % 10).sum(axis=1)
    return (body * 10 + (10 - total % 10) % 10).astype(str).astype(object)


def phones(first: int, count: int) -> Texts:
    """Mobile numbers of a prefix that is not in use."""
    return (15_400_000_000 + np.arange(first, first + count, dtype=np.int64)).astype(str).astype(object)


def uscc(district: int, number: int, kind: str = "91") -> str:
    """The unified social credit code of company `number` (GB 32100, with the organisation code's own check).

    `kind` begins it: 91 companies, 92 individual businesses, 93 farmers' cooperatives.
    """
    organisation = f"MA{number:06d}"
    total = sum(int(c, 36) * w for c, w in zip(organisation, ORG_WEIGHTS, strict=True))
    organisation += "0123456789X0"[(11 - total % 11)]
    body = f"{kind}{district:06d}{organisation}"
    check = (31 - sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True)) % 31) % 31
    return body + USCC_ALPHABET[check]
