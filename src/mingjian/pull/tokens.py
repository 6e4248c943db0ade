"""Personal identifiers as keyed HMAC-SM3 tokens: equal values stay equal, only the key leads back."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path
from typing import Literal

import pandas as pd

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.source import ParseAs
from mingjian.store.keyfile import kept_secret
from mingjian.store.vault import Original

KEY_VARIABLE = "MINGJIAN_HASH_KEY"
VAULT_VARIABLE = "MINGJIAN_VAULT"
TOKEN_DIGITS = 32
MIN_KEY_BYTES = 16

Kind = Literal["person", "account", "phone", "name", "device"]
KINDS: dict[ParseAs, Kind] = {
    ParseAs.ID_NO: "person",
    ParseAs.ACCOUNT: "account",
    ParseAs.PHONE: "phone",
    ParseAs.NAME: "name",
    ParseAs.DEVICE: "device",
}


def load_key(home: Path) -> bytes:
    """The city's hash key: MINGJIAN_HASH_KEY, else `<home>/secret/hash.key`, made once with mode 0600.

    Raises SourceError when the key is shorter than 16 bytes.
    """
    named = os.environ.get(KEY_VARIABLE)
    key = (named or kept_secret(home, "hash.key", lambda: secrets.token_hex(32)).strip()).encode()
    if len(key) < MIN_KEY_BYTES:
        raise SourceError(
            _("散列密钥太短（少于 {n} 字节）", n=MIN_KEY_BYTES),
            hint=_("为 {name} 设置足够长的随机值，或恢复 secret/hash.key 的备份", name=KEY_VARIABLE),
        )
    return key


def tokenise(values: pd.Series, kind: Kind, key: bytes) -> pd.Series:
    """Tokens (32 hex digits) of normalised values, null where the value is; meant for distinct values."""
    digest, prefix = hmac.digest, f"{kind}:"
    tokens = [
        digest(key, (prefix + value).encode(), "sm3").hex()[:TOKEN_DIGITS] if isinstance(value, str) else None
        for value in values.tolist()
    ]
    return pd.Series(tokens, index=values.index, dtype=object)


class Tokeniser:
    """Makes tokens of columns under one key; `originals` is what they stand for, gathered only where `keep` is said."""

    def __init__(self, key: bytes, *, keep: bool = False) -> None:
        self._key, self._keep = key, keep
        self.originals: dict[str, Original] = {}

    def __call__(self, values: pd.Series, kind: Kind) -> pd.Series:
        """`tokenise` of distinct normalised values."""
        made = tokenise(values, kind, self._key)
        if self._keep:
            pairs = zip(made.tolist(), values.tolist(), strict=True)
            self.originals.update(
                {token: Original(kind, value) for token, value in pairs if token is not None}
            )
        return made


def vault_is_kept() -> bool:
    """Whether pulls write what tokens stand for into the vault (MINGJIAN_VAULT=on)."""
    return os.environ.get(VAULT_VARIABLE, "off") == "on"


def fingerprint(key: bytes) -> str:
    """Says whether two pulls used the same key, without telling the key."""
    return hmac.digest(key, b"fingerprint", "sm3").hex()[:TOKEN_DIGITS]
