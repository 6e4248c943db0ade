"""JSON services, paged by number or by a link to the next page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.part import Ask, Reading
from mingjian.pull.readers.http import client, failed, get_json
from mingjian.pull.readers.records import dig, is_absent, records_part
from mingjian.pull.settings import expand, needed

SINCE = "${since}"


def read_http_json(source: Source, ask: Ask) -> Reading:
    """All pages of a service; a parameter `${since}` is the watermark, left out before the first pull."""
    params: dict[str, Any] = {}
    for name, value in source.where.params.items():
        if value == SINCE:
            params |= {name: moment_text(ask.since)} if ask.since else {}
        else:
            params[name] = expand(str(value), source, ask.sources_dir)
    url = expand(needed(source.where.url, "url", source), source, ask.sources_dir)
    return read_pages(source, url, params)


def moment_text(moment: datetime) -> str:
    """A city-local moment as services want it: ISO 8601 with its offset."""
    return moment.replace(tzinfo=CITY_TZ).isoformat()


def read_pages(source: Source, url: str, params: dict[str, Any]) -> Reading:
    """Follow the pages to an empty one; raises SourceError on endless paging or a wrong shape."""
    digest = hashlib.sha256()
    items: list[Any] = []
    with client(source) as made:
        for page in _pages(made, source, url, params):
            digest.update(json.dumps(page, ensure_ascii=False, sort_keys=True).encode())
            items += page
    return Reading(digest.hexdigest(), [records_part(source, url.split("?", 1)[0], items)])


def _pages(made: httpx.Client, source: Source, url: str, params: dict[str, Any]) -> Iterator[list[Any]]:
    paging = source.where.paging
    seen: set[str] = set()
    address = url
    for number in range(paging.max_pages):
        asked = {} if paging.next_link and number else _page_params(source, params, number)
        body = get_json(made, source, address, asked)
        page = _items(source, address, body)
        if not page:
            return
        mark = hashlib.sha256(json.dumps(page, sort_keys=True).encode()).hexdigest()
        if mark in seen:
            raise failed(
                source,
                url,
                _("第 {n} 页与前面的页相同，翻页没有尽头", n=number + 1),
                _("核对 where.paging；请提供方检查接口"),
            )
        seen.add(mark)
        yield page
        following = _next(source, address, body) if paging.next_link else address
        if not following or not (paging.next_link or paging.page_param):
            return
        address = following
    raise failed(
        source, url, _("超过 {n} 页仍未结束", n=paging.max_pages), _("核对 where.paging，或调大 max_pages")
    )


def _page_params(source: Source, params: dict[str, Any], number: int) -> dict[str, Any]:
    paging = source.where.paging
    asked = dict(params)
    if paging.page_param and not paging.next_link:
        asked[paging.page_param] = paging.first + number
    if paging.size_param:
        asked[paging.size_param] = paging.size
    return asked


def _items(source: Source, url: str, body: Any) -> list[Any]:
    """The list of records in an answer, at the dotted path `where.items` or the answer itself."""
    path = source.where.items
    found = dig(body, path) if path else body
    if isinstance(found, list):
        return found
    missing = is_absent(found)
    why = _("回答中没有 {path}", path=path) if missing else _("{path} 不是列表", path=path or "JSON")
    words = json.dumps(body, ensure_ascii=False)[:80]
    raise failed(source, url, f"{why}：HTTP 200 {words}", _("核对 where.items；请提供方检查接口"))


def _next(source: Source, url: str, body: Any) -> str | None:
    link = dig(body, source.where.paging.next_link or "")
    if is_absent(link) or not link:
        return None
    following = urljoin(url, str(link))
    # Credentials go to the named service only.
    if urlsplit(following)[:2] != urlsplit(url)[:2]:
        raise failed(source, url, _("下一页的链接指向另一个地址"), _("请提供方检查接口"))
    return following
