"""Result pages: one HTML page a table and an index, nothing from outside the machine, fit to print."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from sqlalchemy import Connection, select

from mingjian.content import Content
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _, language, pick
from mingjian.gate import hold, state
from mingjian.gate.ruling import WHAT_TO_DO
from mingjian.gate.suite import load_suite
from mingjian.run import Run
from mingjian.store.tables import feed, gate_result, table_state

SHOWN_ROWS = 200
_FILE_STRIDE = 1_000_000_000  # the pull numbers rows as file number x stride + the row a person sees


def write_pages(run: Run, out: Path) -> list[Path]:
    """Write `index.html` and `<table>.html` for every gated table; returns the files, index first."""
    out.mkdir(parents=True, exist_ok=True)
    with run.engine.connect() as conn:
        states = conn.execute(select(table_state).order_by(table_state.c.table_name)).mappings().all()
        pages = {
            out / f"{s['table_name']}.html": render_table(conn, run.content, s["table_name"]) for s in states
        }
        index = (
            _environment()
            .get_template("index.html")
            .render(
                lang=language(), tables=[{**s, "title": _title(run.content, s["table_name"])} for s in states]
            )
        )
    pages = {out / "index.html": index, **pages}
    for path, html in pages.items():
        path.write_text(html, encoding="utf-8")
    return list(pages)


def render_table(conn: Connection, content: Content, table: str) -> str:
    """The page of one table in the reader's language; a table never gated says so."""
    known = state.of_table(conn, table)
    results = _results(conn, content, table, known["as_of"]) if known else []
    counted: dict[str, int] = next((r["observed"] for r in results if r["expectation"] == state.COUNTS), {})
    sources = (
        conn.execute(select(feed).where(feed.c.table_name == table).order_by(feed.c.source)).mappings().all()
    )
    held = [_shown(row, content, table) for row in hold.list_held(conn, table, limit=SHOWN_ROWS)]
    return (
        _environment()
        .get_template("table.html")
        .render(
            lang=language(),
            table=table,
            city_tz=CITY_TZ,
            title=_title(content, table),
            state=known,
            counted=counted,
            results=[r for r in results if r["expectation"] != state.COUNTS],
            sources=sources,
            held=held,
            held_total=hold.count_held(conn, table),
        )
    )


def _results(conn: Connection, content: Content, table: str, as_of: Any) -> list[dict[str, Any]]:
    r = gate_result.c
    found = conn.execute(
        select(gate_result).where(r.table_name == table, r.as_of == as_of).order_by(r.id)
    ).mappings()
    return [{**row, "why": _why(row), "column": _label(content, table, row["column_name"])} for row in found]


def _why(row: Any) -> str:
    said = {"missing_key": _("每一行都有主键"), "duplicate_key": _("主键不重复")}
    return said.get(row["expectation"]) or pick(row["observed"].get("why", {}))


def _shown(row: dict[str, Any], content: Content, table: str) -> dict[str, Any]:
    """A held row in the reader's language, with the row number a person sees in the file."""
    file_no, seen = divmod(row["row_no"], _FILE_STRIDE)
    file = row["file"] or (_("第 {n} 个文件", n=file_no + 1) if file_no else "")
    label = _label(content, table, row["column_name"])
    return {**row, "file": file, "row_no": seen, "column": label, "reason": _reason(row, content, table)}


def _reason(row: dict[str, Any], content: Content, table: str) -> str:
    stored = str(row["reason"])
    if language() == "zh" or table not in content.tables:
        return stored
    suite, _hash = load_suite(content, table)
    said = {c.why["zh"] + WHAT_TO_DO: pick(c.why) + _(WHAT_TO_DO) for c in suite.expectations}
    return said.get(stored) or _(stored)


def _label(content: Content, table: str, columns: str) -> str:
    """Column names as the manifest labels them: Chinese labels for Chinese readers, names for others."""
    shape = content.tables.get(table)
    if shape is None or language() != "zh":
        return columns
    names = columns.split("/")
    return "、".join(shape.columns[n].zh if n in shape.columns else n for n in names)


def _title(content: Content, table: str) -> str:
    shape = content.tables.get(table)
    if shape is None:
        return table
    return shape.zh if language() == "zh" else shape.en or table.replace("_", " ").capitalize()


@cache
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("mingjian.gate"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    env.globals["_"] = _
    env.filters["n"] = lambda value: f"{value:,}"
    return env
