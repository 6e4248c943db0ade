"""How cells are read: one table of cases a parser, and laws that hold for any value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingjian.content.types import arrow_type
from mingjian.domain.errors import ContentError
from mingjian.domain.source import ParseAs
from mingjian.pull.parse import PARSERS, Target
from mingjian.pull.plan import as_type

MONEY = Target(pa.decimal128(14, 2))
TEXT = Target(pa.string())
MOMENT = Target(pa.timestamp("us"))
WHOLE = Target(pa.int64())


def wide(text: str) -> str:
    """Full-width forms of ASCII characters, as Chinese input methods type them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def read(parse_as: ParseAs, raw: str, target: Target = TEXT) -> Any:
    """The value of one cell, or the name of its problem in brackets."""
    parsed = PARSERS[parse_as](pd.Series([raw], dtype="str"), target)
    return f"<{parsed.problem[0]}>" if parsed.problem[0] else parsed.values[0]


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2024年3月5日", "2024-03-05"),
        ("2024 年 3 月 5 日", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024-03-05", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        (wide("2024年3月5日"), "2024-03-05"),
        ("45356", "2024-03-05"),
        ("45356.75", "2024-03-05"),
        ("2024-03-05 23:59:59", "2024-03-05"),
        ("2024-03-05T20:00:00Z", "2024-03-06"),
        ("9999-12-31", "9999-12-31"),
        ("1936-02-29", "1936-02-29"),
        ("2023-02-29", "<impossible_date>"),
        ("20240230", "<impossible_date>"),
        ("2024年13月1日", "<impossible_date>"),
        ("2024年3月", "<unreadable_date>"),
        ("03/05/2024", "<unreadable_date>"),
        ("去年春天", "<unreadable_date>"),
        ("12345", "<unreadable_date>"),
        ("99999", "<unreadable_date>"),
        ("0203-01-01", "<implausible_date>"),
        ("3024-01-01", "<implausible_date>"),
    ],
)
def test_dates(raw: str, day: str) -> None:
    found = read(ParseAs.DATE, raw, Target(pa.date32()))
    assert (found if isinstance(found, str) else str(found.date())) == day


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2024-03-05T10:20:30", datetime(2024, 3, 5, 10, 20, 30)),  # noqa: DTZ001 - city-local
        ("2024-03-05T10:20:30+08:00", datetime(2024, 3, 5, 10, 20, 30)),  # noqa: DTZ001
        ("2024-03-05T02:20:30Z", datetime(2024, 3, 5, 10, 20, 30)),  # noqa: DTZ001
        ("2024-03-04T21:20:30-0500", datetime(2024, 3, 5, 10, 20, 30)),  # noqa: DTZ001
        ("2024-03-05 10:20:30.123456", datetime(2024, 3, 5, 10, 20, 30, 123456)),  # noqa: DTZ001
        ("2024/3/5 9:05", datetime(2024, 3, 5, 9, 5)),  # noqa: DTZ001
        ("2024年3月5日 9时5分", datetime(2024, 3, 5, 9, 5)),  # noqa: DTZ001
        ("20240305102030", datetime(2024, 3, 5, 10, 20, 30)),  # noqa: DTZ001
        ("45356.5", datetime(2024, 3, 5, 12)),  # noqa: DTZ001
        ("2024-03-05", datetime(2024, 3, 5)),  # noqa: DTZ001
        ("2024-03-05 25:00:00", "<impossible_date>"),
        ("10:20", "<unreadable_date>"),
    ],
)
def test_moments_are_city_local(raw: str, moment: object) -> None:
    assert read(ParseAs.TIMESTAMP, raw, MOMENT) == moment


@pytest.mark.parametrize(
    ("raw", "month"),
    [
        ("2024年3月", "2024-03-01"),
        ("202403", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("2024/3", "2024-03-01"),
        ("2024年03月15日", "2024-03-01"),
        ("20240315", "2024-03-01"),
        ("45356", "2024-03-01"),
        ("202413", "<impossible_date>"),
        ("三月", "<unreadable_date>"),
    ],
)
def test_months_are_first_days(raw: str, month: str) -> None:
    found = read(ParseAs.MONTH, raw, Target(pa.date32()))
    assert (found if isinstance(found, str) else str(found.date())) == month


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("500", "500.00"),
        ("1,234,567.89", "1234567.89"),
        ("1,234.5", "1234.50"),
        ("¥1,234.50", "1234.50"),
        (wide("¥ 12"), "12.00"),
        ("¥ 12", "12.00"),
        ("人民币12元", "12.00"),
        ("3.5万元", "35000.00"),
        ("3.5万", "35000.00"),
        ("0.02亿元", "2000000.00"),
        ("2千元", "2000.00"),
        ("(1,234.50)", "-1234.50"),
        ("(88)", "-88.00"),
        (wide("(88)"), "-88.00"),
        ("-88.1", "-88.10"),
        ("-¥88.1", "-88.10"),
        ("+5", "5.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("1.2E+3", "1200.00"),
        ("0.30000000000000004", "0.30"),
        ("1.005", "1.01"),
        ("999999999999.99", "999999999999.99"),
        ("1000000000000", "<too_large>"),
        ("1E+400", "<too_large>"),
        ("9" * 60, "<too_large>"),
        ("五百", "<text_in_number>"),
        ("500 左右", "<text_in_number>"),
        ("12,34", "<text_in_number>"),
        ("1.2.3", "<text_in_number>"),
        ("(500", "<text_in_number>"),
        ("5%", "<text_in_number>"),
        ("--5", "<text_in_number>"),
        ("inf", "<text_in_number>"),
        ("5公斤", "<text_in_number>"),
        (".", "<text_in_number>"),
        ("2024-03-05", "<text_in_number>"),
    ],
)
def test_money(raw: str, amount: str) -> None:
    found = read(ParseAs.MONEY, raw, MONEY)
    assert found == (amount if amount.startswith("<") else Decimal(amount))


@pytest.mark.parametrize(
    ("raw", "unit", "amount"),
    [
        ("3.5", "万元", "35000.00"),
        ("0.123456", "万元", "1234.56"),
        ("1.5", "亿元", "150000000.00"),
        ("12345", "分", "123.45"),
        ("500元", "万元", "500.00"),
        ("2万元", "万元", "20000.00"),
    ],
)
def test_money_is_kept_in_yuan_and_the_cells_own_unit_wins(raw: str, unit: str, amount: str) -> None:
    assert read(ParseAs.MONEY, raw, Target(pa.decimal128(14, 2), unit)) == Decimal(amount)


def test_a_unit_that_is_not_money_is_a_content_error() -> None:
    with pytest.raises(ContentError, match="斤"):
        read(ParseAs.MONEY, "1", Target(pa.decimal128(14, 2), "斤"))


@pytest.mark.parametrize(
    ("raw", "target", "number"),
    [
        ("45%", Target(pa.decimal128(5, 2), unit="%"), Decimal("45.00")),
        ("45%", Target(pa.decimal128(5, 2)), Decimal("0.45")),
        ("12.5亩", Target(pa.decimal128(10, 2), "亩", "亩"), Decimal("12.50")),
        ("12.5", Target(pa.float64()), 12.5),
        ("40.81", Target(pa.float64()), 40.81),
        ("1000", Target(pa.decimal128(5, 2)), "<too_large>"),
        ("12.5斤", Target(pa.decimal128(10, 2), "亩"), "<text_in_number>"),
    ],
)
def test_decimals(raw: str, target: Target, number: object) -> None:
    assert read(ParseAs.DECIMAL, raw, target) == number


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("12", 12),
        ("12.0", 12),
        ("1,200", 1200),
        (wide("1,200"), 1200),
        ("-3", -3),
        ("1.5", "<not_integer>"),
        ("9223372036854775808", "<too_large>"),
        ("十二", "<text_in_number>"),
    ],
)
def test_integers(raw: str, number: object) -> None:
    assert read(ParseAs.INTEGER, raw, WHOLE) == number


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        *[(word, True) for word in ("是", "Y", "yes", "1", "true", "TRUE", "√", wide("1"))],
        *[(word, False) for word in ("否", "N", "no", "0", "False", "×")],
        ("也许", "<unreadable_boolean>"),
        ("2", "<unreadable_boolean>"),
    ],
)
def test_booleans(raw: str, truth: object) -> None:
    assert read(ParseAs.BOOLEAN, raw, Target(pa.bool_())) == truth


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("110101199003077803", "110101199003077803"),
        ("11010119900307782X", "11010119900307782X"),
        ("11010119900307782x", "11010119900307782X"),
        ("110101 19900307 7803", "110101199003077803"),
        ("'110101199003077803", "110101199003077803"),
        (wide("110101199003077803"), "110101199003077803"),
        ("110101900307780", "110101199003077803"),
        ("110101900307780.0", "110101199003077803"),
        ("1.1010190030778E+14", "110101199003077803"),
        ("1.101011990030778e+17", "<float_mangled_id>"),
        ("1.10101E+17", "<float_mangled_id>"),
        ("110101199003077000", "<float_mangled_id>"),
        ("110101199003077804", "<bad_check_digit>"),
        ("110101199002307803", "<bad_birth_date>"),
        ("110101199013077803", "<bad_birth_date>"),
        ("110101900230780", "<bad_birth_date>"),
        ("110101179003077803", "<bad_birth_date>"),
        ("11010119900307780", "<bad_length>"),
        ("1101011990030778031", "<bad_length>"),
        ("1101**********7803", "<masked_id>"),
        ("护照E12345678", "<not_an_id>"),
        ("X10101199003077803", "<not_an_id>"),
        ("010101199003077803", "<not_an_id>"),
    ],
)
def test_identity_numbers(raw: str, number: str) -> None:
    assert read(ParseAs.ID_NO, raw) == number


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("9135 0100 M000 100Y 43", "91350100M000100Y43"),
        ("91350100M000100Y44", "<bad_check_digit>"),
        ("91350100M000100Y4", "<bad_length>"),
        ("91350100O000100Y43", "<bad_character>"),
        ("9.1350100000010043e+17", "<float_mangled_id>"),
    ],
)
def test_social_credit_codes(raw: str, code: str) -> None:
    assert read(ParseAs.USCC, raw) == code


@pytest.mark.parametrize(
    ("parse_as", "raw", "plain"),
    [
        (ParseAs.ACCOUNT, "6222 0202 0011 2230", "6222020200112230"),
        (ParseAs.ACCOUNT, "6222-0202-0011-2230", "6222020200112230"),
        (ParseAs.ACCOUNT, "6.22202020011223e+18", "<float_mangled_id>"),
        (ParseAs.ACCOUNT, "12", "<bad_account>"),
        (ParseAs.DEVICE, "00-1A-2B-3C-4D-5E", "001a2b3c4d5e"),
        (ParseAs.DEVICE, "001A.2B3C.4D5E", "001a2b3c4d5e"),
        (ParseAs.DEVICE, "００:1a:2b:3c:4d:5e", "001a2b3c4d5e"),
        (ParseAs.DEVICE, " 10.8.0.5 ", "10.8.0.5"),
        (ParseAs.DEVICE, "2001:DB8::1", "2001:db8::1"),
        (ParseAs.DEVICE, "未采集", "<bad_device>"),
        (ParseAs.PHONE, "138 0013 8000", "13800138000"),
        (ParseAs.PHONE, "+86-13800138000", "13800138000"),
        (ParseAs.PHONE, "13800138000.0", "13800138000"),
        (ParseAs.PHONE, "(0471)1234567", "04711234567"),
        (ParseAs.PHONE, "1.38001E+10", "<float_mangled_id>"),
        (ParseAs.PHONE, "12", "<bad_phone>"),
        (ParseAs.NAME, "张 三", "张三"),
        (ParseAs.NAME, "阿卜杜•热合曼", "阿卜杜·热合曼"),
        (ParseAs.NAME, "123", "<bad_name>"),
        (ParseAs.TEXT, "工单 1", "工单 1"),
        (ParseAs.TEXT, "1.2345678901234e+17", "<float_mangled_id>"),
    ],
)
def test_accounts_phones_names_and_text(parse_as: ParseAs, raw: str, plain: str) -> None:
    assert read(parse_as, raw) == plain


BODIES = st.tuples(
    st.integers(110000, 659999), st.dates(date(1900, 1, 1), date(2025, 1, 1)), st.integers(1, 999)
).map(lambda t: f"{t[0]}{t[1]:%Y%m%d}{t[2]:03d}")


def check_digit(body: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2), written the long way round."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


@given(BODIES)
@settings(max_examples=40, deadline=None)
def test_a_right_check_digit_passes_and_every_other_fails(body: str) -> None:
    right = check_digit(body)
    numbers = [body + last for last in "0123456789X"]
    parsed = PARSERS[ParseAs.ID_NO](pd.Series(numbers, dtype="str"), TEXT)
    passed = [n[-1] for n, problem in zip(numbers, parsed.problem, strict=True) if problem is None]
    assert passed == [right]


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
@settings(max_examples=40, deadline=None)
def test_money_survives_every_way_of_writing_it(amount: Decimal) -> None:
    ways = [f"{amount}", f"{amount:,}", f"¥{amount}", f"{amount}元", f"{amount.scaleb(-4)}万元"]
    parsed = PARSERS[ParseAs.MONEY](pd.Series(ways, dtype="str"), MONEY)
    assert list(parsed.values) == [amount] * len(ways)


@given(st.lists(st.text(max_size=30), min_size=20, max_size=60, unique=True))
@settings(max_examples=10, deadline=None)
def test_no_text_whatever_makes_a_parser_fail(raw: list[str]) -> None:
    targets = {ParseAs.MONEY: MONEY, ParseAs.INTEGER: WHOLE, ParseAs.DECIMAL: MONEY}
    for parse_as, parser in PARSERS.items():
        parsed = parser(pd.Series(raw, dtype="str"), targets.get(parse_as, TEXT))
        assert (parsed.problem.isna() != parsed.values.isna()).all()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("text", pa.string()), ("decimal(14,2)", pa.decimal128(14, 2)), ("timestamp", pa.timestamp("us"))],
)
def test_manifest_types(name: str, kind: pa.DataType) -> None:
    assert arrow_type(name) == kind


def test_an_unknown_manifest_type_is_a_content_error() -> None:
    with pytest.raises(ContentError, match="colour"):
        arrow_type("colour")


def test_constants_of_content_files_get_the_columns_type() -> None:
    assert as_type(True, pa.bool_()) is True
    assert as_type("2024-03-01", pa.date32()).isoformat() == "2024-03-01"
    assert as_type(3, pa.decimal128(5, 2)) == Decimal("3.00")
