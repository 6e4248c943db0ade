"""Broken files and databases: each ends in one clear error or in quarantine, and good rows still arrive."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pull_city import GOOD, GOOD_TOO, HEADER, City, csv_of, expect_unchanged, payout_source

from mingjian.domain.source import Source
from mingjian.pull.reasons import WORDS

ROW = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
ID, AMOUNT, DAY, MONTH, ACCOUNT, STATUS = "身份证号", "金额", "到账日期", "所属月份", "收款账号", "状态"


def row_with(**cells: str) -> dict[str, str]:
    return ROW | {"流水号": "P2"} | cells


def line_with(**cells: str) -> str:
    return ",".join(f'"{v}"' if "," in v else v for v in row_with(**cells).values())


def book_of(*rows: list[Any], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


HEADERS, CELLS = list(ROW), list(ROW.values())
BOOK = book_of(HEADERS, CELLS)


def parquet_of(**columns: list[Any]) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data)
    return data.getvalue()


# --- whole files -----------------------------------------------------------------------------------------

BROKEN_TEXT: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", "文件是空的"),
    "only blank lines": (b"\n\r\n  \n", "没有内容"),
    "only a byte-order mark": (b"\xef\xbb\xbf", "没有内容"),
    "neither encoding": (csv_of(GOOD).encode() + b"\xff\xff\xfe,1\n", "既不是 UTF-8 也不是 GB18030"),
    "GB18030 cut inside a character": (csv_of(GOOD).encode("gb18030")[:-2], "既不是 UTF-8 也不是 GB18030"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\xff", "既不是 UTF-8 也不是 GB18030"),
    "an Excel file named csv": (BOOK, "Excel"),
    "an old Excel file named csv": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
    "a sign-in page": (b"<!DOCTYPE html><html><title>login</title></html>", "缺少列"),
    "required column missing": (csv_of(GOOD).replace("金额", "数额").encode(), "缺少列“金额”或“金额(元)”"),
    "key column missing": (csv_of(GOOD).replace("流水号", "编号").encode(), "缺少列“流水号”"),
    "no header at all": ((GOOD + "\n").encode(), "缺少列"),
    "header names twice the same": (
        b"\xe6\xb5\x81\xe6\xb0\xb4\xe5\x8f\xb7,\xe9\x87\x91\xe9\xa2\x9d,\xe9\x87\x91\xe9\xa2\x9d\nP1,1,2\n",
        "不止一次",
    ),
    "UTF-16 cut in half": (csv_of(GOOD).encode("utf-16")[:-1], "既不是 UTF-8 也不是 GB18030"),
    "title row not announced": (("二〇二六年发放表\n" + csv_of(GOOD)).encode(), "缺少列"),
}


@pytest.mark.parametrize("case", BROKEN_TEXT)
def test_a_text_file_that_cannot_be_read(city: City, case: str) -> None:
    data, words = BROKEN_TEXT[case]
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    expect_unchanged(city, lambda: city.write("payouts.csv", data) and None, words)


def _no_file(city: City) -> None:
    for path in (city.run.sources_dir / "systems").iterdir():
        path.unlink()


def test_no_file_at_all(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.pull()
    expect_unchanged(city, lambda: _no_file(city), "找不到文件")


def test_one_broken_file_of_two_stops_both(city: City) -> None:
    city.write("payouts_a.csv", csv_of(GOOD))
    city.pull()
    expect_unchanged(city, lambda: city.write("payouts_b.csv", b"") and None, "payouts_b.csv")


@pytest.mark.parametrize("where", [{"encoding": "klingon"}, {"encoding": "ascii"}])
def test_a_named_encoding_that_does_not_fit(city: City, where: dict[str, Any]) -> None:
    city.write("payouts.csv", csv_of(GOOD))
    city.use(payout_source(where={"path": "systems/payouts.csv"} | where))
    expect_unchanged(city, lambda: None, "payouts.csv")


@pytest.mark.parametrize("key", ["path"])
def test_a_source_without_a_place(city: City, key: str) -> None:
    city.use(payout_source(where={}))
    expect_unchanged(city, lambda: None, f"where.{key}")


def test_an_environment_variable_that_is_not_set(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPORT_FOLDER", raising=False)
    city.use(payout_source(where={"path": "${EXPORT_FOLDER}/payouts.csv"}))
    expect_unchanged(city, lambda: None, "EXPORT_FOLDER")


# --- single cells of a text file -------------------------------------------------------------------------

BROKEN_CELLS: list[tuple[str, str, str]] = [
    (AMOUNT, "五百元", "text_in_number"),
    (AMOUNT, "500左右", "text_in_number"),
    (AMOUNT, "12,34", "text_in_number"),
    (AMOUNT, "1.2.3", "text_in_number"),
    (AMOUNT, "(500", "text_in_number"),
    (AMOUNT, "5%", "text_in_number"),
    (AMOUNT, "inf", "text_in_number"),
    (AMOUNT, "2026-01-10", "text_in_number"),
    (AMOUNT, "5公斤", "text_in_number"),
    (AMOUNT, "1e400", "too_large"),
    (AMOUNT, "9999999999999", "too_large"),
    (AMOUNT, "9" * 80, "too_large"),
    (AMOUNT, "1000000亿元", "too_large"),
    (AMOUNT, "", "missing_required"),
    (AMOUNT, "  ", "missing_required"),
    (AMOUNT, "无", "missing_required"),
    (AMOUNT, "NULL", "missing_required"),
    (AMOUNT, "#REF!", "formula_error"),
    (AMOUNT, "#DIV/0!", "formula_error"),
    (AMOUNT, "#N/A", "formula_error"),
    (AMOUNT, "50\x000", "nul_byte"),
    (DAY, "2026-02-30", "impossible_date"),
    (DAY, "2026年13月1日", "impossible_date"),
    (DAY, "20260230", "impossible_date"),
    (DAY, "2026-01-10 25:00:00", "impossible_date"),
    (DAY, "昨天", "unreadable_date"),
    (DAY, "01/10/2026", "unreadable_date"),
    (DAY, "10.1.26", "unreadable_date"),
    (DAY, "99999", "unreadable_date"),
    (DAY, "2026年1月", "unreadable_date"),
    (DAY, "0026-01-10", "implausible_date"),
    (DAY, "3026-01-10", "implausible_date"),
    (DAY, "#VALUE!", "formula_error"),
    (MONTH, "三月", "unreadable_date"),
    (MONTH, "202613", "impossible_date"),
    (ID, "110101199003077804", "bad_check_digit"),
    (ID, "110101199002307803", "bad_birth_date"),
    (ID, "110101900230780", "bad_birth_date"),
    (ID, "11010119900307780", "bad_length"),
    (ID, "1101011990030778031", "bad_length"),
    (ID, "1101**********7803", "masked_id"),
    (ID, "E12345678", "not_an_id"),
    (ID, "1.10101E+17", "float_mangled_id"),
    (ID, "1.101011990030778e+17", "float_mangled_id"),
    (ID, "110101199003077000", "float_mangled_id"),
    (ACCOUNT, "6.22202E+15", "float_mangled_id"),
    (ACCOUNT, "12", "bad_account"),
    (ACCOUNT, "开户行未知", "bad_account"),
    (STATUS, "处理中", "unknown_code"),
    (STATUS, "paid", "unknown_code"),
    ("流水号", "", "missing_required"),
    ("流水号", "1.2345678901234e+17", "float_mangled_id"),
]


@pytest.mark.parametrize(("header", "value", "value_class"), BROKEN_CELLS)
def test_a_cell_that_cannot_be_read(city: City, header: str, value: str, value_class: str) -> None:
    city.write("payouts.csv", csv_of(GOOD, line_with(**{header: value})))
    assert city.pull() == {"rows_read": 2, "rows_kept": 1, "rows_quarantined": 1}
    assert [r["payout_id"] for r in city.rows()] == ["P1"]
    (held,) = city.held()
    assert (held.row_no, held.value_class) == (3, value_class)
    assert WORDS[value_class] in held.reason
    assert not value.strip() or value in WORDS[value_class] or value not in held.reason


# --- rows that do not fit the header ---------------------------------------------------------------------

BROKEN_ROWS: dict[str, tuple[list[str], dict[int, str]]] = {
    "too few fields": (["P2,1,2"], {3: "ragged_row"}),
    "too many fields": ([GOOD_TOO + ",,,"], {3: "ragged_row"}),
    "a stray quote": (
        ['P2,"110101900307780,2026-01,2026-01-10,5,6222020200112231,成功', GOOD],
        {3: "unclosed_quote"},
    ),
    "two stray quotes": (
        [
            'P2,"1,2026-01,2026-01-10,5,62,成功',
            GOOD.replace("P1", "P3"),
            'P4,"1,2026-01,2026-01-10,5,62,成功',
            GOOD,
        ],
        {3: "unclosed_quote", 5: "unclosed_quote"},
    ),
    "a footer": (["合计:1 人 500 元"], {3: "ragged_row"}),
    "another header further down": ([HEADER], {3: "unknown_code"}),
    "a row of NUL bytes": (["\x00" * 40], {3: "ragged_row"}),
    "cut off in the last row": ([GOOD_TOO[:20]], {3: "ragged_row"}),
}


@pytest.mark.parametrize("case", BROKEN_ROWS)
def test_a_row_that_cannot_be_split(city: City, case: str) -> None:
    lines, classes = BROKEN_ROWS[case]
    city.write("payouts.csv", csv_of(GOOD, *lines))
    counts = city.pull()
    held = {h.row_no: h.value_class for h in city.held()}
    assert set(held) == set(classes)
    assert all(c in [h.value_class for h in city.held() if h.row_no == n] for n, c in classes.items())
    assert counts["rows_quarantined"] == len(classes)
    assert len(city.rows()) == counts["rows_kept"] == 1 + len(lines) - len(classes)


# --- Excel -----------------------------------------------------------------------------------------------


def excel(**where: Any) -> Source:
    return payout_source(kind="excel", where={"path": "systems/payouts*.xlsx"} | where)


BROKEN_BOOKS: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "truncated": (BOOK[: len(BOOK) // 2], {}, "不是完整的 Excel 文件"),
    "only its first bytes": (BOOK[:30], {}, "不是完整的 Excel 文件"),
    "empty": (b"", {}, "文件是空的"),
    "a csv named xlsx": (csv_of(GOOD).encode(), {}, "不是完整的 Excel 文件"),
    "a web page named xlsx": (
        b"<html><table><tr><td>1</td></tr></table></html>",
        {},
        "不是完整的 Excel 文件",
    ),
    "an empty zip": (b"PK\x05\x06" + b"\0" * 18, {}, "不是完整的 Excel 文件"),
    "an empty sheet": (book_of(), {}, "找不到表头"),
    "no such sheet": (BOOK, {"sheet": "发放表"}, "没有工作表“发放表”"),
    "no such sheet number": (BOOK, {"sheet": 7}, "没有工作表“7”"),
    "header further down than said": (BOOK, {"skip_rows": 9}, "找不到表头"),
    "missing column": (book_of(["流水号", "状态"], ["P1", "成功"]), {}, "缺少列“金额”"),
}


@pytest.mark.parametrize("case", BROKEN_BOOKS)
def test_a_workbook_that_cannot_be_read(city: City, case: str) -> None:
    data, where, words = BROKEN_BOOKS[case]
    city.use(excel())
    city.write("payouts.xlsx", BOOK)
    city.pull()

    def broken() -> None:
        city.use(excel(**where))
        city.write("payouts.xlsx", data)

    expect_unchanged(city, broken, words)


BROKEN_EXCEL_CELLS: list[tuple[str, Any, str]] = [
    (AMOUNT, "=1/0", "formula_error"),
    (AMOUNT, "=SUM(A1:A2)", "formula_error"),
    (AMOUNT, "text", "text_in_number"),
    (AMOUNT, True, "text_in_number"),
    (AMOUNT, 1e300, "too_large"),
    (AMOUNT, None, "missing_required"),
    (ID, 110101199003077803, "float_mangled_id"),
    (ID, 1.101e17, "float_mangled_id"),
    (ACCOUNT, 6222020200112231234, "float_mangled_id"),
    (DAY, 12.5, "unreadable_date"),
    (DAY, 9999999, "unreadable_date"),
    ("流水号", 1.2345678901234567e18, "float_mangled_id"),
]


@pytest.mark.parametrize(("header", "value", "value_class"), BROKEN_EXCEL_CELLS)
def test_an_excel_cell_that_cannot_be_read(city: City, header: str, value: Any, value_class: str) -> None:
    city.use(excel())
    city.write("payouts.xlsx", book_of(HEADERS, CELLS, list((row_with() | {header: value}).values())))
    assert city.pull()["rows_kept"] == 1
    (held,) = city.held()
    assert (held.row_no, held.value_class) == (3, value_class)


# --- Parquet and databases -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"PAR1", "不是完整的 Parquet 文件"),
        (parquet_of(流水号=["P1"], 金额=[1])[:-10], "不是完整的 Parquet 文件"),
        (csv_of(GOOD).encode(), "不是完整的 Parquet 文件"),
        (parquet_of(流水号=["P1"]), "缺少列“金额”"),
    ],
    ids=["empty", "only the magic", "truncated", "a csv", "missing column"],
)
def test_a_parquet_file_that_cannot_be_read(city: City, data: bytes, words: str) -> None:
    city.use(payout_source(kind="parquet", where={"path": "systems/payouts.parquet"}))
    city.write("payouts.parquet", parquet_of(流水号=["P1"], 金额=[1]))
    city.pull()
    expect_unchanged(city, lambda: city.write("payouts.parquet", data) and None, words)


def registers(city: City) -> Path:
    path = city.write("registers.sqlite", "")
    with sqlite3.connect(path) as conn:
        conn.execute(f"CREATE TABLE payouts ({', '.join(HEADERS)})")
        conn.execute(f"INSERT INTO payouts VALUES ({', '.join('?' * len(CELLS))})", CELLS)
    conn.close()
    return path


def database(**where: Any) -> Source:
    known = {"url": "sqlite:///${SOURCES}/systems/registers.sqlite", "query": "SELECT * FROM payouts"}
    return payout_source(kind="sql", where=known | where)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"url": "sqlite:///${SOURCES}/systems/nowhere.sqlite"}, "unable to open"),
        ({"url": "not a url"}, "不是数据库地址"),
        ({"url": "nosuch://host/db"}, "nosuch"),
        ({"url": None}, "where.url"),
        ({"query": None}, "where.query"),
        ({"query": "SELECT * FROM nowhere"}, "no such table"),
        ({"query": "SELEC *"}, "只能是一条 SELECT"),
        ({"query": "DELETE FROM payouts"}, "只能是一条 SELECT"),
        ({"query": "SELECT 流水号 FROM payouts"}, "缺少列“金额”"),
        ({"url": "postgresql+psycopg://127.0.0.1:1/none?connect_timeout=2"}, "127.0.0.1"),
    ],
    ids=lambda v: str(v)[:60],
)
def test_a_database_that_cannot_be_read(city: City, where: dict[str, Any], words: str) -> None:
    registers(city)
    city.use(database())
    city.pull()
    expect_unchanged(city, lambda: city.use(database(**where)), words)


def test_a_damaged_database_file(city: City) -> None:
    path = registers(city)
    city.use(database())
    city.pull()
    expect_unchanged(
        city, lambda: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000) and None, "registers"
    )
