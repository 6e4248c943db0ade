"""Where a unit or a user can be reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mingjian.domain.channel import ADDRESSED, ChannelKind
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _

_SHAPES = {
    ChannelKind.MAIL: re.compile(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9.-]{1,190}"),
    ChannelKind.SMS: re.compile(r"\+?\d{6,15}"),
}


@dataclass(frozen=True)
class Contact:
    """One address of a unit or a user on a channel that needs addresses; raises MingjianError for one that cannot be."""

    owner_kind: Literal["unit", "user"]
    owner_id: str
    channel: ChannelKind
    address: str
    active: bool = True

    def __post_init__(self) -> None:
        if self.owner_kind not in ("unit", "user") or not self.owner_id:
            raise MingjianError(
                _("联系人须属于一个单位或账号"), hint=_("owner_kind 填 unit 或 user，owner_id 填其编码")
            )
        if self.channel not in ADDRESSED:
            raise MingjianError(
                _("渠道 {name} 不需要联系方式", name=self.channel), hint=_("channel 填 mail 或 sms")
            )
        if not _SHAPES[self.channel].fullmatch(self.address):
            raise MingjianError(
                _("{owner} 的联系方式写法不对", owner=self.owner_id),
                hint=_("邮箱如 name@city.gov.cn，手机号只写数字"),
            )


def masked(address: str) -> str:
    """Enough of an address to recognise it and too little to use it: 138****34, w***@city.gov.cn."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else f"{address[:3]}****{address[-2:]}"
