"""The vault: what a token stands for, as ciphertext under a key that lies below the home and not in the database.

AES-256-GCM with the token as associated data: a ciphertext moved to another token does not open.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store.keyfile import kept_secret
from mingjian.store.tables import vault

KEY_FILE = "vault.key"
NONCE = 12  # bytes
BATCH = 10_000  # rows written at once


@dataclass(frozen=True)
class Original:
    """What a token stands for: its kind as the source file calls it (person, account, phone, name …) and the value."""

    kind: str
    value: str


class Vault:
    """Seals and opens originals with the key in `home/secret/vault.key`, made on first use."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def put_many(self, conn: Connection, originals: Mapping[str, Original]) -> int:
        """Keep what these tokens stand for; tokens already kept stay as they are. Says how many are new."""
        if not originals:
            return 0
        box, version = self._box()
        known = self._known(conn, originals.keys())
        rows = [
            {"token": t, "kind": o.kind, "ciphertext": _seal(box, t, o.value), "key_version": version}
            for t, o in sorted(originals.items(), key=_token)
            if t not in known
        ]
        for start in range(0, len(rows), BATCH):
            conn.execute(insert(vault).on_conflict_do_nothing(), rows[start : start + BATCH])
        return len(rows)

    def read_many(self, conn: Connection, tokens: Collection[str]) -> dict[str, Original]:
        """What those of the tokens stand for that are kept. MingjianError when key or ciphertext is not the one."""
        if not tokens:
            return {}
        box, version = self._box()
        found = {}
        for row in conn.execute(select(vault).where(vault.c.token.in_(list(tokens)))):
            if row.key_version != version:
                raise _broken()
            found[row.token] = Original(row.kind, _open(box, row.token, row.ciphertext))
        return found

    def _known(self, conn: Connection, tokens: Collection[str]) -> set[str]:
        every = list(tokens)
        known: set[str] = set()
        for start in range(0, len(every), BATCH):
            part = every[start : start + BATCH]
            known.update(conn.scalars(select(vault.c.token).where(vault.c.token.in_(part))))
        return known

    def _box(self) -> tuple[AESGCM, str]:
        text = kept_secret(self._home, KEY_FILE, lambda: base64.b64encode(AESGCM.generate_key(256)).decode())
        return AESGCM(base64.b64decode(text)), hashlib.sha256(text.encode()).hexdigest()[:8]


def _token(pair: tuple[str, Original]) -> str:
    """Writers keep to one order, so that no two wait for each other."""
    return pair[0]


def _seal(box: AESGCM, token: str, value: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + box.encrypt(nonce, value.encode(), token.encode())


def _open(box: AESGCM, token: str, sealed: bytes) -> str:
    try:
        return box.decrypt(sealed[:NONCE], sealed[NONCE:], token.encode()).decode()
    except InvalidTag:
        raise _broken() from None


def _broken() -> MingjianError:
    return MingjianError(
        _("保险库的密文无法解开：密钥文件已更换，或内容被改动"),
        hint=_("从备份恢复数据目录下 secret 中的 vault.key，或请安全审计员核查"),
    )
