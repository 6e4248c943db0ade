"""Where a webhook may point: outside systems over HTTPS, and inside only hosts that the city has named."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from mingjian.domain.i18n import _
from mingjian.store.webhooks import inside_hosts
from mingjian.web.errors import Unprocessable

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def checked_url(url: str) -> str:
    """The address; Unprocessable unless it is https to a public name, or its host is in MINGJIAN_WEBHOOK_HOSTS.

    A name is resolved only when a message leaves, and the sender looks again at what it resolves to.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise _refused() from None
    clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    plain = not parts.username and not parts.password and not parts.fragment and port != 0
    if not (clean and plain and (_HOST.fullmatch(host) or _address(host))):
        raise _refused()
    if host in inside_hosts() and parts.scheme in ("http", "https"):
        return url
    if parts.scheme != "https" or "." not in host or _address(host) or host.endswith((".local", ".internal")):
        raise _refused()
    return url


def _address(host: str) -> bool:
    """Whether the host is a number and not a name; also the short forms that some resolvers take."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+))*", host))
    return True


def _refused() -> Unprocessable:
    return Unprocessable(
        _("该网址不能作为回调地址"),
        hint=_("使用 https 和公开域名；内部主机须由系统管理员列入 MINGJIAN_WEBHOOK_HOSTS"),
    )
