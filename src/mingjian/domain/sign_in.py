"""What signing in knows: how a session began and ended, what a token may do, what a new password must be."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.i18n import _
from mingjian.domain.named import Named

SHORTEST, LONGEST = 12, 200
FEWEST_SIGNS = 5  # different characters


class Way(StrEnum):
    """How the user proved who it is."""

    PASSWORD = "password"  # noqa: S105 - a way to sign in, not a password
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 - an API token: no session


class EndReason(Named):
    """Why a session is over."""

    SIGNED_OUT = "signed_out", "本人退出", "signed out"
    IDLE = "idle", "长时间未操作", "idle too long"
    TOO_OLD = "too_old", "超过最长时限", "reached its age limit"
    PASSWORD_CHANGED = "password_changed", "密码已修改", "password changed"
    FACTOR_CHANGED = "factor_changed", "动态口令已变更", "second factor changed"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator", "管理员结束", "ended by an administrator"
    ACCOUNT_FROZEN = "account_frozen", "账号已冻结", "account frozen"


class AgentClass(StrEnum):
    """What kind of program holds a session; the whole User-Agent would tell more about a person than is needed."""

    DESKTOP = "desktop"
    MOBILE = "mobile"
    PROGRAM = "program"

    @classmethod
    def of(cls, user_agent: str) -> AgentClass:
        """The class of a User-Agent header."""
        said = user_agent.lower()
        if any(word in said for word in ("mobile", "android", "iphone", "ipad", "harmony")):
            return cls.MOBILE
        return cls.DESKTOP if "mozilla" in said else cls.PROGRAM


class Scope(StrEnum):
    """What an API token may be used for; never more than its user may do."""

    READ_WARNINGS = "read:warnings"
    WRITE_WARNINGS = "write:warnings"
    READ_FIGURES = "read:figures"
    EXPORT = "export"
    WEBHOOKS = "webhooks"
    ADMIN = "admin"


class PasswordFault(StrEnum):
    """Why a new password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    HOLDS_THE_ID = "holds_the_id"
    COMMON = "common"
    NOT_NEW = "not_new"

    @property
    def message(self) -> str:
        """The fault in the reader's language."""
        return {
            PasswordFault.TOO_SHORT: _("新密码至少 {n} 个字符", n=SHORTEST),
            PasswordFault.TOO_LONG: _("新密码最多 {n} 个字符", n=LONGEST),
            PasswordFault.HOLDS_THE_ID: _("新密码不能包含账号"),
            PasswordFault.COMMON: _("新密码太常见，容易被猜中"),
            PasswordFault.NOT_NEW: _("新密码不能与原密码相同"),
        }[self]


# Of the passwords most often found in leaks, those of twelve characters and more.
_COMMON = """
    123456789012 1234567890123 123456789abc 1234567890ab 111122223333 112233445566 123123123123 147258369147
    123456123456 1qaz2wsx3edc 1q2w3e4r5t6y qazwsxedcrfv qwertyuiop123 qwertyuiop12 qwerty123456 asdfghjkl123
    password1234 password12345 password123456 passw0rd1234 p@ssw0rd1234 p@ssword1234 admin1234567 admin12345678
    administrator adminadmin123 root12345678 letmein12345 welcome12345 iloveyou1234 woaini1314520 woaini520520
    abcd12345678 abc123456789 abcdef123456 a12345678901 aa1234567890 qq1234567890 zxcvbnm12345 changeme1234
    mingjian1234 mingjian12345 mingjian123456 mingjian2026 huhehaote1234 zhengfu12345
"""
COMMON = frozenset(_COMMON.split())


def password_fault(user_id: str, new: str, old: str = "") -> PasswordFault | None:
    """What is wrong with a new password of this account, or None. `old` is the password it replaces."""
    plain = new.casefold()
    if len(new) < SHORTEST:
        return PasswordFault.TOO_SHORT
    if len(new) > LONGEST:
        return PasswordFault.TOO_LONG
    if old and new == old:
        return PasswordFault.NOT_NEW
    if user_id.casefold() in plain:
        return PasswordFault.HOLDS_THE_ID
    if plain in COMMON or len(set(plain)) < FEWEST_SIGNS:
        return PasswordFault.COMMON
    return None
