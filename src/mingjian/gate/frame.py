"""The frame that Great Expectations looks at: only the columns a suite names, in types it compares fast."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def check_frame(rows: pa.Table, columns: set[str]) -> pd.DataFrame:
    """Columns of `rows` by name, one line a row, index 0..n-1; columns that do not exist are left out.

    Money becomes float64, a date the number of days since 1970, a timestamp microseconds since 1970:
    Great Expectations compares numbers column-wise but dates and Decimals cell by cell, and nanosecond dates
    end in 2262.
    """
    taken = {name: _comparable(rows.column(name)) for name in rows.column_names if name in columns}
    return pd.DataFrame(taken, index=pd.RangeIndex(rows.num_rows))


def _comparable(values: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_decimal(values.type) or pa.types.is_integer(values.type):
        values = pc.cast(values, pa.float64(), safe=False)
    elif pa.types.is_date(values.type):
        values = pc.cast(pc.cast(values, pa.int32()), pa.float64())
    elif pa.types.is_timestamp(values.type):
        values = pc.cast(pc.cast(values, pa.int64()), pa.float64(), safe=False)
    return values.to_pandas()
