"""Account numbers, telephone numbers, names and network addresses, brought to one form so that equal ones get equal tokens."""

from __future__ import annotations

import pandas as pd

from mingjian.pull.parse.base import Parsed, Target, half_width, no_problem, plain_digits

_CARD = r"[0-9a-f]{12}|[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}"
_IP = r"\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})[0-9a-f:]{2,39}"


def parse_account(values: pd.Series, target: Target) -> Parsed:
    """Digits and letters without separators, 5 to 40 of them."""
    text, mangled = plain_digits(half_width(values).str.replace(r"['‘’\-_]", "", regex=True).str.upper())
    return _checked(text, mangled, r"[0-9A-Z]{5,40}", "bad_account")


def parse_phone(values: pd.Series, target: Target) -> Parsed:
    """Digits only, without +86; mobiles have 11 digits, land lines keep their area code."""
    text, mangled = plain_digits(half_width(values).str.replace(r"['‘’\-_()]", "", regex=True))
    text = text.str.replace(r"^(?:\+|00)?86(?=1\d{10}$|0\d{9,11}$)", "", regex=True)
    return _checked(text, mangled, r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}|\d{5}|[48]00\d{7}", "bad_phone")


def parse_name(values: pd.Series, target: Target) -> Parsed:
    """A name without spaces, one kind of middle dot, capitals; a name without any letter is a problem."""
    text = half_width(values).str.replace(r"[·•・.‧∙]", "·", regex=True).str.upper()
    return _checked(text, None, r".*[^\W\d_].*", "bad_name")


def parse_device(values: pd.Series, target: Target) -> Parsed:
    """A network card's address as 12 hex digits however it is grouped, or an IP address as it stands."""
    text = half_width(values).str.lower()
    card = text.str.fullmatch(_CARD).astype(bool)
    text = text.mask(card, text.str.replace(r"[:.\-]", "", regex=True))
    return _checked(text, None, rf"[0-9a-f]{{12}}|{_IP}", "bad_device")


def _checked(text: pd.Series, mangled: pd.Series | None, pattern: str, value_class: str) -> Parsed:
    problem = no_problem(text)
    problem[~text.str.fullmatch(pattern).astype(bool)] = value_class
    if mangled is not None:
        problem[mangled] = "float_mangled_id"
    return Parsed(text.mask(problem.notna()), problem)
