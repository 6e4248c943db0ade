"""What each kind of source may look like and still be read right."""

from __future__ import annotations

import io
import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pull_city import GOOD, GOOD_TOO, HEADER, PAYOUT_COLUMNS, City, csv_of, payout_source
from pull_service import Answer, pages, serve

from mingjian.pull.headers import join_headers, same_header
from mingjian.pull.readers.http import MAX_WAIT_S, wait_seconds

HEADERS, CELLS = HEADER.split(","), GOOD.split(",")
RECORD: dict[str, Any] = dict(zip(HEADERS, CELLS, strict=True))


@pytest.mark.parametrize(
    "data",
    [
        csv_of(GOOD, GOOD_TOO).encode(),
        csv_of(GOOD, GOOD_TOO).encode("utf-8-sig"),
        csv_of(GOOD, GOOD_TOO).encode("gb18030"),
        csv_of(GOOD, GOOD_TOO).encode("utf-16"),
        csv_of(GOOD, GOOD_TOO).replace("\n", "\r\n").encode(),
        csv_of(GOOD, GOOD_TOO).replace("流水号", "流水号 ").replace("金额", " 金额").encode(),
        csv_of(GOOD, GOOD_TOO).replace("金额", "金额(元)").encode(),
        csv_of(GOOD, "", ",,,,,,", GOOD_TOO, "").encode(),
        csv_of(GOOD, GOOD_TOO).rstrip("\n").encode(),
    ],
    ids=[
        "utf-8",
        "with BOM",
        "gb18030",
        "utf-16",
        "CRLF",
        "spaces",
        "other name",
        "blank rows",
        "no last break",
    ],
)
def test_a_csv_however_it_was_saved(city: City, data: bytes) -> None:
    city.write("payouts.csv", data)
    assert city.pull() == {"rows_read": 2, "rows_kept": 2, "rows_quarantined": 0}
    assert [r["amount"] for r in city.rows()] == [Decimal("500.00"), Decimal("1500.00")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(city: City, delimiter: str) -> None:
    city.write("payouts.csv", csv_of(GOOD).replace(",", delimiter))
    assert city.pull()["rows_kept"] == 1


def test_title_rows_and_merged_headers_of_a_csv(city: City) -> None:
    columns = {"payout_id": {"from": "流水号"}, "amount": {"from": "金额/实发", "type": "money"}}
    city.use(
        payout_source(where={"path": "systems/p.csv", "skip_rows": 1, "header_rows": 2}, columns=columns)
    )
    city.write("p.csv", "二〇二六年\n流水号,金额,\n,应发,实发\nP1,6,5\n")
    city.pull()
    assert [(r["amount"], r["_row"]) for r in city.rows()] == [(Decimal("5.00"), 4)]


def test_a_quoted_cell_may_hold_line_breaks_and_delimiters(city: City) -> None:
    columns = PAYOUT_COLUMNS | {"return_reason": {"from": "原因"}}
    city.use(payout_source(columns=columns))
    city.write("payouts.csv", f'{HEADER},原因\n{GOOD},"户名不符,\n已退"\n{GOOD.replace("P1", "P2")},\n')
    assert city.pull()["rows_quarantined"] == 0
    first, second = city.rows()
    assert first["return_reason"] == "户名不符,\n已退"
    assert (second["return_reason"], second["_row"]) == (None, 3)


def test_row_numbers_count_what_a_person_sees(city: City) -> None:
    city.write("payouts.csv", csv_of(GOOD, "", "坏", GOOD_TOO.replace("P2", "")))
    city.pull()
    assert [(h.row_no, h.value_class) for h in city.held()] == [(4, "ragged_row"), (5, "missing_required")]


def test_blank_words_mean_nothing(city: City) -> None:
    for word in ("", "无", "-", "NULL", "N/A", "\u3000", "——", "nan"):
        city.write("payouts.csv", csv_of(GOOD.replace("2026-01-10", word)))
        city.pull()
        assert city.feed().rows_kept == 1
    assert {r["pay_date"] for r in city.rows()} == {None}


def test_full_width_codes_and_spaces_are_made_plain(city: City) -> None:
    columns = PAYOUT_COLUMNS | {"region_code": {"from": "区划"}}
    city.use(payout_source(columns=columns))
    city.write("payouts.csv", f"{HEADER},区划\n{GOOD},\uff11\uff15\uff10\uff11\uff10\uff12\u3000\n")
    city.pull()
    assert city.rows()[0]["region_code"] == "150102"


# --- Excel -----------------------------------------------------------------------------------------------


def book(rows: list[list[Any]], *, merge: str = "", sheets: tuple[str, ...] = ("Sheet",)) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = sheets[0]
    for name in sheets[1:]:
        made.create_sheet(name)
    for row in rows:
        made[sheets[-1]].append(row)
    if merge:
        made[sheets[-1]].merge_cells(merge)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def test_excel_cells_keep_their_meaning(city: City) -> None:
    city.use(payout_source(kind="excel", where={"path": "systems/*.xlsx", "sheet": "发放"}))
    rows = [
        HEADERS,
        [
            "P1",
            110101900307780,
            date(2026, 1, 1),
            datetime(2026, 1, 10, 8),  # noqa: DTZ001 - Excel knows no zones
            500.1,
            "6222020200112230",
            "成功",
        ],
        [12345, "11010119900307782X", "2026年1月", 46032, "1,500", 62220202, "退汇"],
    ]
    city.write("p.xlsx", book(rows, sheets=("说明", "发放")))
    assert city.pull() == {"rows_read": 2, "rows_kept": 2, "rows_quarantined": 0}
    first, second = city.rows()
    assert (first["pay_date"], first["amount"]) == (date(2026, 1, 10), Decimal("500.10"))
    assert (second["payout_id"], second["pay_date"]) == ("12345", date(2026, 1, 10))


def test_title_rows_and_merged_headers_of_a_workbook(city: City) -> None:
    columns = {
        "payout_id": {"from": "流水号"},
        "amount": {"from": "金额/实发", "type": "money", "unit": "万元"},
        "quantity": {"from": "数量", "type": "decimal"},
    }
    where = {"path": "systems/p.xlsx", "skip_rows": 1, "header_rows": 2}
    city.use(payout_source(kind="excel", where=where, columns=columns))
    rows = [
        ["发放表"],
        ["流水号", "金额", None, "数量"],
        [None, "应发", "实发", None],
        ["P1", 0.06, 0.05, 1.0],
    ]
    city.write("p.xlsx", book(rows, merge="B2:C2"))
    city.pull()
    (row,) = city.rows()
    assert (row["amount"], row["quantity"], row["_row"]) == (Decimal("500.00"), Decimal("1.00"), 4)


def test_names_of_headers() -> None:
    assert join_headers([["序号", "金额", None], [None, "应发", "实发"]]) == [
        "序号",
        "金额/应发",
        "金额/实发",
    ]
    assert join_headers([["备注"], ["备注"]]) == ["备注"]
    assert same_header("\ufeff 金额(元)\n") == same_header("金额\uff08元\uff09")


# --- Parquet and databases -------------------------------------------------------------------------------


def test_parquet_types_come_through(city: City) -> None:
    columns = {
        "service_request_id": {"from": "id"},
        "requested_datetime": {"from": "opened", "type": "timestamp"},
        "updated_datetime": {"from": "changed", "type": "timestamp"},
        "lat": {"from": "place.lat", "type": "decimal"},
        "town_code": {"from": "zip"},
        "is_secret": {"from": "secret", "type": "boolean"},
    }
    table = pa.table(
        {
            "id": pa.array([101]),
            "opened": pa.array([datetime(2026, 1, 1, 8)], pa.timestamp("ns")),  # noqa: DTZ001
            "changed": pa.array([datetime(2026, 1, 1, 8)], pa.timestamp("us", "UTC")),  # noqa: DTZ001
            "place": pa.array([{"lat": 40.81}]),
            "zip": pa.array([2109.0]),
            "secret": pa.array([True]),
        }
    )
    data = io.BytesIO()
    pq.write_table(table, data)
    city.write("c.parquet", data.getvalue())
    city.use(
        payout_source(kind="parquet", table="complaint", where={"path": "systems/c.parquet"}, columns=columns)
    )
    city.pull()
    (row,) = city.rows("complaint")
    assert row["service_request_id"] == "101" and row["town_code"] == "2109"
    assert row["requested_datetime"] == datetime(2026, 1, 1, 8)  # noqa: DTZ001 - as it is
    assert row["updated_datetime"] == datetime(2026, 1, 1, 16)  # noqa: DTZ001 - moved to city time
    assert row["lat"] == 40.81 and row["is_secret"] is True


def register(city: City, rows: list[tuple[str, float, str]]) -> Path:
    path = city.run.sources_dir / "systems" / "r.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS c (id TEXT PRIMARY KEY, fee NUMERIC, updated TEXT)")
        conn.executemany("INSERT OR REPLACE INTO c VALUES (?, ?, ?)", rows)
    conn.close()
    return path


INCREMENT: dict[str, Any] = {
    "kind": "sql",
    "table": "complaint",
    "load": "increment",
    "watermark": "updated_datetime",
    "where": {"url": "sqlite:///${SOURCES}/systems/r.sqlite", "query": "SELECT * FROM c"},
    "columns": {
        "service_request_id": {"from": "id", "required": True},
        "updated_datetime": {"from": "updated", "type": "timestamp"},
        "lat": {"from": "fee", "type": "decimal"},
    },
}


def test_an_increment_adds_what_is_new_or_changed(city: City) -> None:
    city.use(payout_source(**INCREMENT))
    register(city, [("A", 1, "2026-02-01 08:00:00"), ("B", 2, "2026-02-02 08:00:00")])
    assert city.pull()["rows_kept"] == 2
    assert city.feed().watermark == "2026-02-02T08:00:00"
    assert city.pull() == {"rows_read": 1, "rows_kept": 0, "rows_quarantined": 0}
    assert city.feed().reason == "empty_increment"
    register(city, [("B", 3, "2026-02-02 09:00:00"), ("C", 1, "2026-02-02 08:00:00")])
    assert city.pull()["rows_kept"] == 2
    assert sorted(r["service_request_id"] for r in city.rows("complaint")) == ["A", "B", "B", "C"]
    assert city.feed().watermark == "2026-02-02T09:00:00"


def test_a_date_far_ahead_does_not_stop_an_increment(city: City) -> None:
    city.use(payout_source(**INCREMENT))
    register(city, [("A", 1, "2026-02-01 08:00:00"), ("B", 2, "2099-02-02 08:00:00")])
    city.pull()
    assert city.feed().watermark == "2026-02-01T08:00:00"


def test_a_corrected_record_supersedes_the_one_held(city: City) -> None:
    city.use(payout_source(**INCREMENT))
    register(city, [("A", "x", "2026-02-01 08:00:00"), ("B", "y", "2026-02-01 08:00:00")])  # type: ignore[list-item]
    city.pull()
    assert [h.row_key for h in city.held()] == ["A", "B"]
    register(city, [("A", 1, "2026-02-03 08:00:00")])
    city.pull()
    assert [h.row_key for h in city.held()] == ["B"]


def test_the_query_may_use_the_watermark_itself(city: City) -> None:
    where = INCREMENT["where"] | {"query": "SELECT * FROM c WHERE updated >= :since"}
    city.use(payout_source(**INCREMENT | {"where": where}))
    register(city, [("A", 1, "2026-02-01 08:00:00")])
    assert city.pull()["rows_kept"] == 1


def test_a_database_is_opened_for_reading_only(city: City) -> None:
    where = INCREMENT["where"] | {"query": "WITH x AS (SELECT 1) SELECT * FROM c"}
    city.use(payout_source(**INCREMENT | {"where": where}))
    path = register(city, [("A", 1, "2026-02-01 08:00:00")])
    path.chmod(0o444)
    assert city.pull()["rows_kept"] == 1


def test_postgresql_is_a_source_too(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTER_URL", city.run.engine.url.render_as_string(hide_password=False))
    query = "SELECT 'P1' AS 流水号, 12.5::numeric AS 金额, DATE '2026-01-10' AS 到账日期"
    city.use(payout_source(kind="sql", where={"url": "${REGISTER_URL}", "query": query}))
    city.pull()
    (row,) = city.rows()
    assert (row["amount"], row["pay_date"]) == (Decimal("12.50"), date(2026, 1, 10))


# --- services --------------------------------------------------------------------------------------------


def service(url: str, **changes: Any) -> Any:
    where = {"url": url, "retries": 2} | changes.pop("where", {})
    return payout_source(**{"kind": "http_json", "where": where} | changes)


def test_pages_are_read_to_the_empty_one(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    with serve(pages([RECORD], [RECORD | {"流水号": "P2"}])) as live:
        city.use(service(live.url + "/p", auth={"bearer_env": "TOKEN"}, where={"params": {"kind": "a"}}))
        assert city.pull()["rows_kept"] == 2
    assert [params["page"] for _path, params, _headers in live.asked] == ["1", "2", "3"]
    assert {params["kind"] for _path, params, _headers in live.asked} == {"a"}
    assert {headers["Authorization"] for _path, _params, headers in live.asked} == {"Bearer secret"}


def test_items_and_next_links_are_followed(city: City) -> None:
    def answer(params: dict[str, str]) -> Answer:
        if "after" in params:
            return Answer({"data": {"rows": [RECORD | {"流水号": "P2"}]}, "next": None})
        return Answer({"data": {"rows": [RECORD]}, "next": "?after=1"})

    with serve(answer) as live:
        city.use(service(live.url, where={"items": "data.rows", "paging": {"next_link": "next"}}))
        assert city.pull()["rows_kept"] == 2
    assert len(live.asked) == 2


def test_a_service_without_pages_is_asked_once(city: City) -> None:
    with serve(pages([RECORD])) as live:
        city.use(service(live.url, where={"paging": {"page_param": "", "size_param": None}}))
        assert city.pull()["rows_kept"] == 1
    assert len(live.asked) == 1 and live.asked[0][1] == {}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_service_that_recovers_is_waited_for(city: City, status: int) -> None:
    stumbles = iter([Answer(b"later", status, {"Retry-After": "0"})] * 2)
    with serve(lambda params: next(stumbles, None) or pages([RECORD])(params)) as live:
        city.use(service(live.url))
        assert city.pull()["rows_kept"] == 1
    assert len(live.asked) == 4


def test_waiting_is_bounded() -> None:
    assert wait_seconds(1, 3.0) == 3.0
    assert wait_seconds(1, 86_400.0) == MAX_WAIT_S
    assert wait_seconds(1, None) < wait_seconds(2, None) < wait_seconds(3, None)
    assert wait_seconds(50, None) == MAX_WAIT_S


def test_the_watermark_is_a_parameter(city: City) -> None:
    columns = {
        "service_request_id": {"from": "id"},
        "updated_datetime": {"from": "u", "type": "timestamp"},
    }
    said = {"table": "complaint", "load": "increment", "watermark": "updated_datetime", "columns": columns}
    with serve(pages([{"id": "A", "u": "2026-02-01T00:00:00Z"}])) as live:
        city.use(service(live.url, where={"params": {"since": "${since}"}}, **said))
        city.pull()
        city.pull()
    assert "since" not in live.asked[0][1]
    assert live.asked[-1][1]["since"] == "2026-02-01T08:00:00+08:00"


@pytest.mark.parametrize(
    ("watermark", "parameter"),
    [("updated_datetime", "updated_after"), ("requested_datetime", "start_date")],
)
def test_open311_asks_from_the_watermark_on(city: City, watermark: str, parameter: str) -> None:
    request = {
        "service_request_id": "R1",
        "status": "open",
        "requested_datetime": "2026-02-01T08:00:00+08:00",
        "updated_datetime": "2026-02-01T08:00:00+08:00",
        "lat": 40.81,
        "attributes": {"topic": "停水"},
    }
    columns = {
        "service_request_id": {"from": "service_request_id", "required": True},
        "requested_datetime": {"from": "requested_datetime", "type": "timestamp"},
        "updated_datetime": {"from": "updated_datetime", "type": "timestamp"},
        "topic_l2": {"from": "attributes.topic"},
        "lat": {"from": "lat", "type": "decimal"},
    }
    said = {
        "kind": "open311",
        "table": "complaint",
        "load": "increment",
        "watermark": watermark,
        "columns": columns,
    }
    with serve(pages([request])) as live:
        city.use(service(live.url + "/v2/", **said))
        assert city.pull()["rows_kept"] == 1
        city.pull()
    assert {path for path, _params, _headers in live.asked} == {"/v2/requests.json"}
    assert parameter not in live.asked[0][1] and live.asked[0][1]["page_size"] == "500"
    assert live.asked[-1][1][parameter] == "2026-02-01T08:00:00+08:00"
    (row,) = city.rows("complaint")
    assert (row["topic_l2"], row["lat"]) == ("停水", 40.81)
