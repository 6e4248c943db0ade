"""Any database SQLAlchemy reaches: one SELECT, read-only, streamed in chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.part import Ask, Part, Reading
from mingjian.pull.readers.excel import as_text
from mingjian.pull.settings import environment, expand, needed

CHUNK = 50_000


def read_sql(source: Source, ask: Ask) -> Reading:
    """Run the source's SELECT; `:since` in it is the watermark, else an increment is filtered around it."""
    url = _url(source, ask)
    query = needed(source.where.query, "query", source).strip().rstrip(";")
    if query.split(None, 1)[0].lower() not in ("select", "with"):
        raise _failed(source, url, _("where.query 只能是一条 SELECT"))
    digest = hashlib.sha256()
    try:
        engine = _read_only(url)
        try:
            with engine.connect() as conn:
                parts = list(_parts(conn, source, query, ask.since, digest))
        finally:
            engine.dispose()
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
        raise _failed(source, url, said) from None
    return Reading(digest.hexdigest(), parts)


def _url(source: Source, ask: Ask) -> URL:
    named = needed(source.where.url, "url", source)
    try:
        url = make_url(expand(named, source, ask.sources_dir))
    except ArgumentError:
        raise SourceError(
            _("数据源 {source} 的 url 不是数据库地址", source=source.name),
            hint=_("写成 postgresql+psycopg://主机/库 或 sqlite:///文件 的样子"),
        ) from None
    if source.auth.user_env:
        url = url.set(username=environment(source.auth.user_env, source))
    if source.auth.password_env:
        url = url.set(password=environment(source.auth.password_env, source))
    return url


def _read_only(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite" and url.database:
        # Plain SQLite would make an empty database where the file is missing.
        path = quote(str(Path(url.database).resolve()))
        return create_engine(url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"}))
    engine = create_engine(url)
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    if engine.dialect.name in ("mysql", "mariadb"):
        event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("SET TRANSACTION READ ONLY"))
    return engine


def _parts(
    conn: Connection, source: Source, query: str, since: datetime | None, digest: Any
) -> Iterator[Part]:
    statement, values = _statement(conn, source, query, since)
    result = conn.execution_options(stream_results=True, yield_per=CHUNK).execute(text(statement), values)
    headers = list(result.keys())
    digest.update("\x1f".join(headers).encode())
    done = 0
    for chunk in result.partitions(CHUNK):
        columns = [_text_array(cells) for cells in zip(*chunk, strict=True)]
        frame = pd.DataFrame({i: column.to_pandas() for i, column in enumerate(columns)})
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        yield Part(source.name, headers, columns, np.arange(done + 1, done + len(chunk) + 1))
        done += len(chunk)
    if not done:
        nothing = [pa.array([], pa.string()) for _header in headers]
        yield Part(source.name, headers, nothing, np.array([], dtype=np.int64))


def _statement(
    conn: Connection, source: Source, query: str, since: datetime | None
) -> tuple[str, dict[str, Any]]:
    if ":since" in query:
        # Before the first pull everything is newer than this.
        return query, {"since": since or datetime(1900, 1, 1)}  # noqa: DTZ001 - city-local, naive
    column = source.columns[source.watermark].from_ if source.watermark in source.columns else None
    if since is None or not column:
        return query, {}
    name = column if isinstance(column, str) else column[0]
    quoted = conn.dialect.identifier_preparer.quote(name)
    # From the start of that day: texts with and without a time of day then compare right.
    day: Any = since.date().isoformat() if conn.dialect.name == "sqlite" else since.date()
    return f"SELECT * FROM ({query}) AS pulled WHERE {quoted} >= :since", {"since": day}


def _text_array(cells: Sequence[Any]) -> pa.Array:
    return pa.array([c if type(c) is str else as_text(c) for c in cells], pa.string())


def _failed(source: Source, url: URL, why: str) -> SourceError:
    shown = url.render_as_string(hide_password=True)
    return SourceError(
        _("数据源 {source} 无法从数据库 {url} 读取：{why}", source=source.name, url=shown, why=why),
        hint=_("核对地址、账号权限与 where.query 后重新拉取"),
    )
