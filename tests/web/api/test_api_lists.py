"""Lists of the API: pages by key, within what the reader may see; bulk actions; sheets."""

from __future__ import annotations

import csv
import io

import pytest
from api_client import Callers
from openpyxl import load_workbook
from sqlalchemy import insert, update
from web_city import A, warning_row

from mingjian.store.tables import supervision_order, unit, warning
from mingjian.web.api.exports import MOST_ROWS
from mingjian.web.api.sheets import safe_cell


def test_orders_page_by_deadline_within_the_readers_rows(call: Callers) -> None:
    inspector = call("inspector")
    seen, after = [], ""
    while True:
        page = inspector.get("/orders", params={"limit": 1, "after": after}).json()
        seen += [o["id"] for o in page["orders"]]
        after = page["after"]
        if not after:
            break
    assert seen == ["DA1", "DB1", "DB2", "DA2"]  # DA2 is accepted: its finish is what comes next
    assert [o["id"] for o in call("clerk").get("/orders").json()["orders"]] == ["DA1", "DA2"]
    assert [o["id"] for o in inspector.get("/orders?light=alarm&tier=2").json()["orders"]] == ["DB1"]


def test_units_page_by_id(call: Callers) -> None:
    clerk = call("clerk")
    first = clerk.get("/units?limit=3").json()
    assert [u["id"] for u in first["units"]] == ["ca", "ca-a", "ca-b"]
    assert [u["id"] for u in clerk.get(f"/units?limit=3&after={first['after']}").json()["units"]] == [
        "city",
        "da",
        "db",
    ]
    assert [u["id"] for u in clerk.get(f"/units?district={A}&line=civil_affairs").json()["units"]] == ["ca-a"]


@pytest.mark.parametrize("limit", [0, 201, "x", 1e9])
def test_a_page_has_at_most_200_rows(call: Callers, limit: object) -> None:
    assert call("clerk").get(f"/warnings?limit={limit}").status_code == 422


def test_bulk_dispatch_answers_for_each_item_and_replays_whole(call: Callers) -> None:
    dispatcher = call("dispatcher")
    assert call("inspector").step("A3", "triage").status_code == 201
    items = [{"warning_id": "A3", "unit_id": "ca-a"}, {"warning_id": "A1"}, {"warning_id": "none"}]
    first, again = (dispatcher.post("/bulk/dispatch", {"items": items}, key="bulk-key-1") for _ in range(2))
    told = first.json()
    assert (told["done"], told["refused"]) == (1, 2)
    assert [(i["outcome"], i.get("state")) for i in told["items"]] == [
        ("done", "dispatched"),
        ("refused", None),
        ("refused", None),
    ]
    assert [i["problem"]["status"] for i in told["items"][1:]] == [409, 404]
    assert again.json() == told
    assert call("clerk").get("/orders/DA3").status_code == 200


def test_bulk_items_on_an_old_reading_are_refused(call: Callers) -> None:
    assert call("inspector").step("A3", "triage").status_code == 201
    dispatcher = call("dispatcher")
    old = {"warning_id": "A3", "unit_id": "ca-a", "etag": '"1"'}
    told = dispatcher.post("/bulk/assign", {"items": [old]}).json()
    assert told["items"][0]["problem"]["status"] == 412
    fresh = old | {"etag": dispatcher.etag("/warnings/A3")}
    assert dispatcher.post("/bulk/assign", {"items": [fresh]}).json()["done"] == 1


@pytest.mark.parametrize("count", [0, 1001])
def test_bulk_takes_one_to_a_thousand_items_each_once(call: Callers, count: int) -> None:
    dispatcher = call("dispatcher")
    items = [{"warning_id": f"W{n}"} for n in range(count)]
    assert dispatcher.post("/bulk/urge", {"items": items}).status_code == 422
    assert dispatcher.post("/bulk/urge", {"items": [{"warning_id": "A1"}] * 2}).status_code == 422


def test_a_sheet_is_watermarked_masked_and_audited(call: Callers) -> None:
    inspector = call("inspector")
    answer = inspector.get("/exports/warnings.csv", params={"purpose": "三月例会"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    export = answer.headers["X-Mingjian-Export"]
    for mark in (lines[0][0], lines[-1][0]):
        assert all(
            word in mark for word in ("纪检员", "inspector", "2026-03-02 09:00:00", export, "三月例会")
        )
    ids = [line[0] for line in lines[2:-2]]
    assert ids == [w["id"] for w in inspector.get("/warnings").json()["warnings"]]
    assert answer.headers["X-Mingjian-Cut"] == "false"
    (noted,) = inspector.audited("export")
    assert (noted["object_id"], noted["detail"]["rows"]) == (export, len(ids))
    assert noted["detail"]["purpose"] == "三月例会"


def test_a_workbook_carries_the_mark_on_every_page(call: Callers) -> None:
    answer = call("clerk").get("/exports/warnings.xlsx", params={"purpose": "核对"})
    page = load_workbook(io.BytesIO(answer.content)).active
    assert answer.headers["X-Mingjian-Export"] in str(page.oddHeader.center.text)
    assert answer.headers["X-Mingjian-Export"] in str(page.oddFooter.center.text)
    assert [row[0].value for row in page.iter_rows(min_row=3)][:2] == ["A1", "A2"]


def test_a_sheet_ends_at_a_thousand_rows_and_says_so(call: Callers) -> None:
    inspector = call("inspector")
    with inspector.office.engine.begin() as conn:
        conn.execute(insert(warning), [warning_row(f"X{n:04}", sector="many") for n in range(MOST_ROWS + 1)])
    answer = inspector.get("/exports/warnings.csv", params={"purpose": "核对", "sector": "many"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert (answer.headers["X-Mingjian-Rows"], answer.headers["X-Mingjian-Cut"]) == ("1000", "true")
    assert "还有更多" in lines[-2]
    assert sum(line.startswith("X") for line in lines) == MOST_ROWS


def test_an_export_names_its_purpose(call: Callers) -> None:
    for query in ("", "?purpose=", "?purpose=%20%20%20"):
        assert call("inspector").get(f"/exports/warnings.csv{query}").status_code == 422


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+8613800000000", "'+8613800000000"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        (-2.5, -2.5),
        ("a\x00b", "ab"),
        ("普通", "普通"),
        (None, None),
    ],
)
def test_no_cell_is_a_formula(value: object, shown: object) -> None:
    assert safe_cell(value) == shown


def test_a_units_name_is_data_in_a_sheet(call: Callers) -> None:
    inspector = call("inspector")
    with inspector.office.engine.begin() as conn:
        conn.execute(update(unit).where(unit.c.id == "ca-a").values(name='=HYPERLINK("http://x")'))
    text = inspector.get("/exports/warnings.csv", params={"purpose": "核对"}).content.decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text and ',"=HYPERLINK' not in text


def test_an_orders_version_rises_when_it_changes(call: Callers) -> None:
    clerk = call("clerk")
    before = clerk.etag("/orders/DA1")
    clerk.step("A1", "sign")
    assert clerk.etag("/orders/DA1") != before
    with clerk.office.engine.connect() as conn:
        row = conn.execute(supervision_order.select().where(supervision_order.c.id == "DA1")).one()
    assert clerk.etag("/orders/DA1") == f'"{row.version}"'
