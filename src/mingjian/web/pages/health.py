"""The state of the data. A quiet list of warnings means something only while this page is quiet too."""

from __future__ import annotations

from datetime import date
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy import RowMapping
from starlette.responses import Response

from mingjian.store import health
from mingjian.web.naming import column_name, model_name, table_name
from mingjian.web.pages import render
from mingjian.web.viewer import HealthReader, office_of

router = APIRouter()


@router.get("/health")
def show_health(request: Request, viewer: HealthReader) -> Response:
    """Feeds, table verdicts, quarantine, held models; what needs attention is counted on top."""
    office = office_of(request)
    today = office.clock.now().date()
    with office.engine.connect() as conn:
        newest = health.newest_run(conn)
        feeds = [{**row, "late": is_late(row, today)} for row in health.feeds(conn)]
        tables = health.tables(conn)
        held = health.held_rows(conn)
        idle = health.idle_models(conn)
        failed = health.failed_stages(conn, newest) if newest else []
        expectations = health.failed_expectations(conn)
    return render(
        request,
        "health.html",
        viewer=viewer,
        newest=newest,
        stale_days=(today - newest).days if newest else None,
        feeds=feeds,
        tables=tables,
        held=held,
        idle=[{**row, "title": model_name(office.content, row["model_id"])} for row in idle],
        failed=failed,
        expectations=expectations,
        table_label=partial(table_name, office.content),
        column_label=partial(column_name, office.content),
        troubles={
            "feeds": sum(bool(f["late"] or f["error"]) for f in feeds),
            "tables": sum(t["verdict"] != "ok" for t in tables),
            "models": len(idle),
            "stages": len(failed),
        },
        held_total=sum(row["rows"] for row in held),
    )


def is_late(feed: RowMapping, today: date) -> bool:
    """Whether a source has brought nothing for longer than its file allows."""
    return bool((today - feed["as_of"]).days > feed["fresh_days"])
