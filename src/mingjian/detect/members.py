"""Members of a finding that stands for many things: a table beside the hits, so that the evidence can join on it."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

COLUMN = "_members"
TABLE = "_members"
_USED = re.compile(r"\bm\.")


def split(hits: pa.Table, subject: str) -> tuple[pa.Table, pa.Table]:
    """The hits without the detector's list of members, and the members: `subject` and `member`, a row each."""
    if COLUMN not in hits.column_names:
        return hits, pa.table({"subject": pa.array([], pa.string()), "member": pa.array([], pa.string())})
    if not hits.num_rows:  # without a row the column has no type of its own
        return split(hits.drop_columns([COLUMN]), subject)
    lists = hits[COLUMN].combine_chunks().cast(pa.list_(pa.string()))
    owners = hits[subject].combine_chunks().take(pc.list_parent_indices(lists))
    members = pa.table({"subject": owners, "member": pc.list_flatten(lists)})
    return hits.drop_columns([COLUMN]), members


def findings_for(where: str, subject: str) -> str:
    """What an evidence table is joined to: the findings `f`, and their members `m` where the condition asks for them."""
    if not _USED.search(where):
        return "_f f"
    return f'_f f JOIN {TABLE} m ON m.subject = f."{subject}"'
