"""Addresses in parts: Chinese ones by their signs, others as words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from functools import cache

from mingjian.detect.entities.names import is_chinese, reading
from mingjian.detect.near.normalise import normalise

_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_OLD = str.maketrans("號樓棟單戶層區縣鎮鄉組灣門東廣國", "号楼栋单户层区县镇乡组湾门东广国")
_NUMBER = r"[0-9a-z]+(?:-[0-9a-z]+)*"
_TENS = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?")
_PARTS = re.compile(
    r"^(?P<province>[^省市区县]{2,7}(?:省|自治区))?"
    r"(?P<city>[^市区县]{2,6}(?:市|自治州|盟))?"
    r"(?P<district>[^区县旗市]{1,6}(?:(?<![小社园])区|县|旗|市))?"
    r"(?P<town>[^镇乡道号]{1,7}(?:镇|乡|街道|苏木))?"
    r"(?P<village>[^村路街号]{1,8}(?:村|社区|嘎查))?"
    rf"(?:(?P<group>{_NUMBER})组)?"
    r"(?P<road>[^路街巷道弄号院区]{1,10}(?:大街|大道|胡同|路|街|巷|道))?"
    rf"(?P<number>(?:{_NUMBER}弄)?(?:{_NUMBER}号)?)院?"
    r"(?P<estate>[^0-9栋单室]{2,14}?(?=[0-9a-z栋单室]|$))?"
    rf"(?:(?P<building>{_NUMBER})(?:栋|号楼|楼))?"
    rf"(?:(?P<unit>{_NUMBER})单元)?"
    rf"(?:(?P<floor>{_NUMBER})层)?"
    rf"(?:(?P<room>{_NUMBER})室?)?$"
)


@dataclass(frozen=True)
class Address:
    """Parts of one address; "" where it does not say. `rest` is the whole where no part was recognised."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    village: str = ""
    group: str = ""
    road: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""

    @property
    def door(self) -> tuple[str, str]:
        """Road and number, else village and group, else estate and building, as read; empty where none is named."""
        named = ((self.road, self.number), (self.village, self.group), (self.estate, self.building))
        return next(((spoken(place), number) for place, number in named if place and number), ("", ""))


def parse_address(text: str | None) -> Address:
    """A Chinese address in parts; one that does not fit the pattern is kept whole in `rest`.

    Width, old forms of the signs and Chinese numerals are made alike first. Names of places are kept as written.
    """
    if not isinstance(text, str):
        return Address()
    if not is_chinese(text):
        return Address(rest=normalise(text, keep_figures=True))
    plain = _plain(text)
    found = _PARTS.match(plain)
    if found is None or not any(found[k] for k in ("road", "village", "estate")):
        return Address(rest=plain)
    return Address(**{k: v or "" for k, v in found.groupdict().items()})


def conflicts(a: Address, b: Address) -> bool:
    """Whether some part says one thing in one address and another in the other."""
    both = ((getattr(a, f.name), getattr(b, f.name)) for f in fields(Address))
    return any(one and two and spoken(one) != spoken(two) for one, two in both)


@cache
def spoken(text: str) -> str:
    """A part as it is read, so that old forms and signs of one sound agree."""
    return "".join(reading(sign) for sign in text)


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).lower().translate(_OLD)
    flat = re.sub(r"[\s,，。.、;；()#_]+", "", flat)
    flat = re.sub(r"[－—–~]", "-", flat)
    flat = re.sub(r"(?<=\d)号楼|幢|座", "栋", flat)
    flat = re.sub(r"(?<=[0-9a-z])(房|户)$", "室", flat)
    before_unit = r"(?=(号|栋|楼|单元|层|室|组|弄|号楼))"
    flat = re.sub(_TENS.pattern + before_unit, lambda m: str(_tens(m[0])), flat)
    return re.sub(r"[〇零一二三四五六七八九]+" + before_unit, lambda m: m[0].translate(_DIGITS), flat)


def _tens(text: str) -> int:
    high, low = text.split("十")
    return 10 * int(high.translate(_DIGITS) or 1) + int(low.translate(_DIGITS) or 0)
