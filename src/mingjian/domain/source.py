"""A source: where rows come from and how foreign columns become ours."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class SourceKind(StrEnum):
    CSV = "csv"
    EXCEL = "excel"
    PARQUET = "parquet"
    SQL = "sql"
    HTTP_JSON = "http_json"
    OPEN311 = "open311"


class ParseAs(StrEnum):
    """How a foreign cell is read. Tokens leave the reader as keyed HMAC-SM3, never in the clear."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    MONTH = "month"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"
    ID_NO = "id_no"
    USCC = "uscc"
    ACCOUNT = "account"
    PHONE = "phone"
    NAME = "name"
    DEVICE = "device"


TOKENS = frozenset({ParseAs.ID_NO, ParseAs.ACCOUNT, ParseAs.PHONE, ParseAs.NAME, ParseAs.DEVICE})


class Strict(BaseModel):
    """Unknown keys fail: a misspelt key must never be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceColumn(Strict):
    """One of our columns and how it is filled."""

    from_: str | list[str] | None = Field(default=None, alias="from")
    const: Any = None
    type: ParseAs = ParseAs.TEXT
    unit: str | None = None
    values: dict[str, Any] | None = None
    default: Any = None
    required: bool = False


class Auth(Strict):
    """Names of environment variables; a secret never stands in a file."""

    bearer_env: str | None = None
    header: str | None = None
    header_env: str | None = None
    user_env: str | None = None
    password_env: str | None = None


class Paging(Strict):
    """How an http_json service pages: by page number, or by a `next` link in the body."""

    page_param: str = "page"
    size_param: str | None = "page_size"
    size: int = 500
    first: int = 1
    next_link: str | None = None
    max_pages: int = 20_000


class Where(Strict):
    """Where the rows lie; which keys apply depends on the source's kind."""

    path: str | None = None
    sheet: str | int | None = None
    header_rows: int = 1
    skip_rows: int = 0
    delimiter: str | None = None
    encoding: str | None = None
    url: str | None = None
    query: str | None = None
    items: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    paging: Paging = Paging()
    timeout_s: float = 30.0
    retries: int = 3


class Source(Strict):
    """One source file, `sources/<name>.yaml`."""

    name: str
    title: dict[Literal["zh", "en"], str]
    kind: SourceKind
    table: str
    org: str = ""
    licence: str = ""
    where: Where
    auth: Auth = Auth()
    load: Literal["snapshot", "increment"] = "snapshot"
    watermark: str | None = None
    fresh_days: int = 35
    columns: dict[str, SourceColumn]
