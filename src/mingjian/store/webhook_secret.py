"""The secret that signs a subscription's deliveries: derived from a key in the home, kept in no table."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from mingjian.store.keyfile import kept_secret


def secret_of(home: Path, webhook_id: str, generation: int) -> str:
    """The same secret every time for one subscription and generation; a new generation has another."""
    key = kept_secret(home, "webhook.key").encode()
    made = hmac.new(key, f"{webhook_id}:{generation}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.urlsafe_b64encode(made).decode().rstrip("=")
