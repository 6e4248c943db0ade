"""Identity numbers of people (GB 11643) and organisations (GB 32100), with their check characters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.pull.parse.base import Parsed, Target, half_width, no_problem, plain_digits

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_CODES = np.frombuffer(_USCC_ALPHABET.encode(), dtype=np.uint8)
_USCC_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1850, 2100


def parse_id_no(values: pd.Series, target: Target) -> Parsed:
    """18-digit identity numbers, X in upper case; 15-digit ones are upgraded (19.. and a check digit).

    Problems: `float_mangled_id`, `masked_id`, `bad_length`, `not_an_id`, `bad_birth_date`, `bad_check_digit`.
    """
    raw = half_width(values).str.replace(r"['‘’\-]", "", regex=True).str.upper()
    text, mangled = plain_digits(raw)
    problem = no_problem(text)
    problem[mangled] = "float_mangled_id"
    _mark(problem, text.str.contains("*", regex=False), "masked_id")
    _mark(problem, ~text.str.fullmatch(r"[0-9X]+"), "not_an_id")
    _mark(problem, ~text.str.len().isin([15, 18]), "bad_length")
    _mark(problem, ~text.str.fullmatch(r"[1-9]\d{14}|[1-9]\d{16}[0-9X]"), "not_an_id")
    text = _upgrade(text, problem.isna() & (text.str.len() == 15))
    _mark(problem, ~_birth_is_possible(text.where(problem.isna())), "bad_birth_date")
    good = problem.isna()
    wrong = good.copy()
    wrong[good] = _id_check(text[good]) != _characters(text[good], 18)[:, 17]
    # A spreadsheet keeps 15 digits of a number and fills up with zeros.
    problem[wrong] = "bad_check_digit"
    problem[wrong & text.str.endswith("000").astype(bool)] = "float_mangled_id"
    return Parsed(text.mask(problem.notna()), problem)


def parse_uscc(values: pd.Series, target: Target) -> Parsed:
    """Unified social credit codes: 18 characters without I O S V Z, in upper case, check character right.

    Problems: `float_mangled_id`, `bad_length`, `bad_character`, `bad_check_digit`.
    """
    text, mangled = plain_digits(half_width(values).str.replace(r"['‘’\-]", "", regex=True).str.upper())
    problem = no_problem(text)
    problem[mangled] = "float_mangled_id"
    _mark(problem, text.str.len() != 18, "bad_length")
    _mark(problem, ~text.str.fullmatch(f"[{_USCC_ALPHABET}]{{18}}"), "bad_character")
    good = problem.isna()
    wrong = good.copy()
    wrong[good] = _uscc_check(text[good]) != _characters(text[good], 18)[:, 17]
    problem[wrong] = "bad_check_digit"
    return Parsed(text.mask(problem.notna()), problem)


def _mark(problem: pd.Series, wrong: pd.Series, value_class: str) -> None:
    """Name the class of rows that have no earlier problem."""
    problem[problem.isna() & wrong.astype(bool)] = value_class


def _characters(text: pd.Series, width: int) -> np.ndarray:
    """(n, width) ASCII codes."""
    return np.asarray(text.to_numpy(), dtype=f"S{width}").view(np.uint8).reshape(len(text), width)


def _id_check(text: pd.Series) -> np.ndarray:
    """The right check characters (ASCII codes), from the first 17 digits."""
    digits = _characters(text, 18)[:, :17].astype(np.int64) - ord("0")
    return _ID_CHECK[(digits * _ID_WEIGHTS).sum(axis=1) % 11]


def _uscc_check(text: pd.Series) -> np.ndarray:
    values = np.searchsorted(_USCC_CODES, _characters(text, 18)[:, :17])
    return _USCC_CODES[(31 - (values * _USCC_WEIGHTS).sum(axis=1) % 31) % 31]


def _upgrade(text: pd.Series, old: pd.Series) -> pd.Series:
    if not old.any():
        return text
    longer = text.astype(object)
    body = text[old].str[:6] + "19" + text[old].str[6:]
    checks = _id_check((body + "0").astype("str"))
    longer[old] = [b + chr(c) for b, c in zip(body, checks, strict=True)]
    return longer.astype("str")


def _birth_is_possible(text: pd.Series) -> pd.Series:
    """True where digits 7 to 14 are a calendar day; rows that are null pass."""
    day = pd.to_datetime(text.str[6:14], format="%Y%m%d", errors="coerce")
    return text.isna() | day.dt.year.between(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR)
