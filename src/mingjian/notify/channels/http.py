"""One HTTP exchange with a gateway: no redirect, no inner address unless allowed, an answer read within a limit.

The address is resolved once and the checked one is connected to, so that a name cannot point elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import certifi
import httpx

from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Refused, TryLater

# These libraries log addresses with the keys that stand in them, and headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

OWN_HEADERS = {"User-Agent": "mingjian", "Accept-Encoding": "identity"}
MOST_ANSWER = 65_536
BUSY = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
LONGEST_ASKED = 24 * 3600.0  # a receiver that asks for longer is asked again a day later


@dataclass(frozen=True)
class Gateway:
    """An address with the rules for going there; `url` is a secret. Raises ValueError for one that cannot be used."""

    url: str
    timeout: float
    allow_private: bool = False

    def __post_init__(self) -> None:
        parsed = httpx.URL(self.url)
        allowed = ("https", "http") if self.allow_private else ("https",)
        if parsed.scheme not in allowed or not parsed.host:
            raise ValueError(_("地址须以 https:// 开头（内网地址另需 allow_private）"))

    def exchange(
        self,
        method: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of an answer with a status of success; raises Refused or TryLater for every other outcome."""
        url = httpx.URL(self.url)
        if query:
            url = url.copy_merge_params(dict(query))
        there = url.copy_with(host=_address_of(url, self.allow_private))
        request = self._client.build_request(
            method,
            there,
            content=content,
            headers={**OWN_HEADERS, **(headers or {}), "Host": url.netloc.decode()},
            extensions={"sni_hostname": url.host},
        )
        return self._answer(request)

    @cached_property
    def _client(self) -> httpx.Client:
        """Kept for its certificates, which take long to read; connections are not kept.

        Trusted are the machine's own authorities, as an inner network has them, and the public ones.
        """
        trusted = ssl.create_default_context()
        trusted.load_verify_locations(certifi.where())
        return httpx.Client(
            verify=trusted,
            timeout=self.timeout,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def _answer(self, request: httpx.Request) -> bytes:
        try:
            answer = self._client.send(request, stream=True)
            try:
                body = _read(answer, time.monotonic() + self.timeout)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise TryLater(_("等待超时")) from None
        except httpx.HTTPError as error:
            raise TryLater(_("连接失败（{error}）", error=type(error).__name__)) from None
        judge(answer, body)
        return body


def judge(answer: httpx.Response, body: bytes) -> None:
    """Nothing for success; TryLater for 408, 429 and 5xx, Refused for everything else."""
    if answer.is_success:
        return
    said = " ".join(body[:200].decode(errors="replace").split())[:120]
    why = f"HTTP {answer.status_code} {said}".strip()
    if answer.status_code in BUSY or answer.is_server_error:
        raise TryLater(why, _retry_after(answer))
    raise Refused(why)


def read_json(body: bytes) -> dict[str, Any]:
    """The answer as an object; empty when it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    said = answer.headers.get("Retry-After", "")
    return min(float(said), LONGEST_ASKED) if said.isascii() and said.isdigit() else None


def _read(answer: httpx.Response, until: float) -> bytes:
    body = b""
    for chunk in answer.iter_raw():  # never unpacked: a small answer could unpack to a huge one
        body += chunk
        if len(body) > MOST_ANSWER:
            return body[:MOST_ANSWER]
        if time.monotonic() > until:
            raise TryLater(_("等待超时"))
    return body


def _address_of(url: httpx.URL, allow_private: bool) -> str:
    """The host's first address, of IPv4 where it has one; Refused when any lies in an inner network without leave."""
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise TryLater(_("域名无法解析")) from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not allow_private and not all(_is_public(a) for a in addresses):
        raise Refused(_("地址在内网，渠道文件没有允许（allow_private）"))
    return min(addresses, key=lambda a: ":" in a)


def _is_public(address: str) -> bool:
    """Whether an address lies in the public net; one of IPv4 written as IPv6 is taken for what it is."""
    ip = ipaddress.ip_address(address)
    inner = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (inner or ip).is_global and not (inner or ip).is_multicast
