"""Secrets that must be read again are kept sealed: encrypted with a key that lies below the home, not in the database."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store.keyfile import kept_secret


class Sealer:
    """Seals and opens texts with the key in `home/secret/<name>`, made on first use."""

    def __init__(self, home: Path, name: str) -> None:
        self._home, self._name = home, name

    def seal(self, text: str) -> str:
        """The text encrypted and signed (Fernet)."""
        return self._box().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again; MingjianError when it was altered or sealed with another key."""
        try:
            return self._box().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise MingjianError(
                _("密文无法解开：密钥文件 {name} 与写入时不同", name=self._name),
                hint=_("从备份恢复数据目录下 secret 中的密钥文件"),
            ) from None

    def _box(self) -> Fernet:
        return Fernet(kept_secret(self._home, self._name, lambda: Fernet.generate_key().decode()))
