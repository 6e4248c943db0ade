"""Who may read the machine's own figures: the holder of the token, else somebody on this very machine."""

from __future__ import annotations

import hmac
import os
from ipaddress import ip_address

from fastapi import Request

TOKEN_VARIABLE = "MINGJIAN_METRICS_TOKEN"  # noqa: S105 - the name of a variable
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_operator(request: Request) -> bool:
    """True with the right bearer token; without one set, for callers on this machine that no proxy sends."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
    return _is_here(request) and not any(name in request.headers for name in FORWARDED)


def _is_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
