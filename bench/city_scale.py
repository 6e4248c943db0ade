"""A big city from a small one: the gated tables of a sample city, written `copies` times with new identifiers.

The proportions of the small city stay as they are, so do its planted cases: each copy has people, accounts, projects
and complaints of its own, while catalogues, calendars, regions and offices are shared.
"""

from __future__ import annotations

import duckdb
from deltalake import convert_to_deltalake

from mingjian.content import Content
from mingjian.domain.sector import Table
from mingjian.lake import Lake

SHARED = {
    "region", "org_unit", "workday_calendar", "subsidy_programme", "subsidy_standard", "programme_conflict",
    "escrow_rule", "service_type", "tariff", "data_feed", "model_run", "warning", "supervision_order",
}  # fmt: skip
SHARED_IDS = {"programme_id", "org_id", "tariff_code", "service_code"}
ENDINGS = ("_id", "_hash", "_no", "_a", "_b")


def scale(lake: Lake, content: Content, copies: int, out: Lake, memory: str = "4GB") -> dict[str, int]:
    """Write every gated table of `lake` to `out` as version 0 of its own; returns rows by table."""
    out.root.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(out.root / "spill")})
    rows = {}
    for name, spec in sorted(content.tables.items()):
        version = lake.version("ready", name)
        if version is None:
            continue
        uris = lake.uris("ready", name, version)
        if not uris:  # a table of the service's own that nothing has been written to yet
            continue
        read = ", ".join(f"'{uri}'" for uri in uris)
        folder = out.path("ready", name)
        folder.mkdir(parents=True)
        times = 1 if name in SHARED else copies
        columns = ", ".join(_column(c, name, spec) for c in spec.columns)
        db.execute(
            f"COPY (SELECT {columns} FROM range({times}) AS copies(k), read_parquet([{read}])) "
            f"TO '{folder}/part-0.parquet' (FORMAT parquet, ROW_GROUP_SIZE 500000)"
        )
        convert_to_deltalake(str(folder))
        rows[name] = db.execute(f"SELECT count(*) FROM read_parquet('{folder}/*.parquet')").fetchall()[0][0]
    db.close()
    return rows


def _column(column: str, table: str, spec: Table) -> str:
    if table in SHARED or not _is_own_id(column, spec):
        return f'"{column}"'
    return f"""CASE WHEN k = 0 THEN "{column}" ELSE "{column}" || '~' || k END AS "{column}\""""


def _is_own_id(column: str, spec: Table) -> bool:
    if spec.columns[column].type != "text" or column in SHARED_IDS or column.endswith("_org_id"):
        return False
    return column in spec.key or column.endswith(ENDINGS)
