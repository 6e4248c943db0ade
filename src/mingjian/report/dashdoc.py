"""docs/dash.md, written from the comments on the `dash` views, so that page and database cannot differ."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import Connection, text

INTRO = """# 看板视图 · The `dash` schema

Written from the comments on the views by `mingjian.report.dashdoc.dash_markdown`; change
`src/mingjian/store/sql/dash_views.sql`, not this page.

- Aggregates only: no subject, no person, no text of a case. Names are those of offices, models and sources.
- Small counts are shown as they are. A count of one warning names nobody: there is no subject in any view,
  and the smallest place is a district. Leaders must see the single serious case; rounding would hide it.
- Late and overdue follow the order's light, which the sweep sets by the injected clock; lights, figures and
  the queue therefore agree. `dash.runs` tells how old the newest run is: silence must never look like health.
- Read them as the role `mingjian_dash` (NOLOGIN, SELECT on these views and nothing else). Give it to the
  login that Grafana uses: `GRANT mingjian_dash TO grafana_reader`. The views run with their owner's rights.
- A login that may not create roles gets the views and a notice; an administrator then runs `CREATE ROLE
  mingjian_dash NOLOGIN`, `GRANT USAGE ON SCHEMA dash TO mingjian_dash` and `GRANT SELECT ON ALL TABLES IN
  SCHEMA dash TO mingjian_dash`.
"""

_COMMENTS = text("""
    SELECT c.relname AS view, obj_description(c.oid) AS what, a.attname AS column,
           format_type(a.atttypid, NULL) AS type, col_description(c.oid, a.attnum) AS meaning
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'dash'::regnamespace AND c.relkind = 'v'
    ORDER BY c.relname, a.attnum
""")


def dash_markdown(conn: Connection) -> str:
    """The whole page: one section a view, one table row a column."""
    parts = [INTRO]
    for (view, what), columns in groupby(conn.execute(_COMMENTS), key=lambda row: (row.view, row.what)):
        rows = "\n".join(f"| `{c.column}` | {c.type} | {c.meaning} |" for c in columns)
        parts.append(f"## `dash.{view}`\n\n{what}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)
