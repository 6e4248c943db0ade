"""How a cell is read, by `ParseAs`.

A parser gets distinct tidy texts (no nulls, no blanks) and answers values and problems of the same length:
where `problem` names a value class, the value is null. It never raises for a bad cell.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mingjian.domain.source import ParseAs
from mingjian.pull.parse.base import Parsed, Target
from mingjian.pull.parse.booleans import parse_boolean
from mingjian.pull.parse.contacts import parse_account, parse_device, parse_name, parse_phone
from mingjian.pull.parse.identity import parse_id_no, parse_uscc
from mingjian.pull.parse.moments import parse_date, parse_month, parse_timestamp
from mingjian.pull.parse.numbers import parse_decimal, parse_integer, parse_money
from mingjian.pull.parse.text import parse_text

Parser = Callable[[pd.Series, Target], Parsed]

PARSERS: dict[ParseAs, Parser] = {
    ParseAs.TEXT: parse_text,
    ParseAs.INTEGER: parse_integer,
    ParseAs.DECIMAL: parse_decimal,
    ParseAs.MONEY: parse_money,
    ParseAs.DATE: parse_date,
    ParseAs.MONTH: parse_month,
    ParseAs.TIMESTAMP: parse_timestamp,
    ParseAs.BOOLEAN: parse_boolean,
    ParseAs.ID_NO: parse_id_no,
    ParseAs.USCC: parse_uscc,
    ParseAs.ACCOUNT: parse_account,
    ParseAs.PHONE: parse_phone,
    ParseAs.NAME: parse_name,
    ParseAs.DEVICE: parse_device,
}

__all__ = ["PARSERS", "Parsed", "Parser", "Target"]
