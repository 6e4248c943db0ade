"""A city's own value for a model's parameter: what is typed is checked against the value the model declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.model import Param

_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(.*)", re.S)


@dataclass(frozen=True)
class Override:
    """Values that hold instead of a model's own: in one district (six digits), or in the whole city (None)."""

    district: str | None
    values: dict[str, Any]


def checked_value(name: str, param: Param, typed: str) -> Any:
    """`typed` as a value of the parameter's kind and unit; MingjianError says what would be right."""
    default = param.value
    if isinstance(default, list):
        return _list(name, default, typed)
    return _scalar(name, default, param.unit, typed)


def _list(name: str, default: list[Any], typed: str) -> list[Any]:
    try:
        read = yaml.safe_load(typed if typed.strip().startswith("[") else f"[{typed}]")
    except yaml.YAMLError:
        raise _wrong(name, typed, _("写成逗号分隔的清单，例如 {sample}", sample=_sample(default))) from None
    texts = [str(item) for item in read]
    if not texts:
        raise _wrong(name, typed, _("清单不能为空，例如 {sample}", sample=_sample(default)))
    return [_scalar(name, default[0], "", text) for text in texts] if default else texts


def _scalar(name: str, default: Any, unit: str, typed: str) -> Any:
    text = typed.strip()
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise _wrong(name, typed, _("只能是 true 或 false"))
        return text.lower() == "true"
    if not isinstance(default, int | float):
        if not text:
            raise _wrong(name, typed, _("不能为空"))
        return text
    return _number(name, default, unit, text)


def _number(name: str, default: int | float, unit: str, text: str) -> int | float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _wrong(name, text, _("应为数，单位 {unit}", unit=unit or "-"))
    number, said = found[1], found[2].strip()
    if said and said != unit:
        raise _wrong(name, text, _("单位是 {unit}，请换算后再写", unit=unit or "-"))
    if number.startswith("-") and default >= 0:
        raise _wrong(name, text, _("不能为负数"))
    if isinstance(default, float):
        return float(number)
    if "." in number:
        raise _wrong(name, text, _("应为整数，单位 {unit}", unit=unit or "-"))
    return int(number)


def _sample(default: list[Any]) -> str:
    return ", ".join(str(item) for item in default[:3])


def _wrong(name: str, typed: str, hint: str) -> MingjianError:
    return MingjianError(_("参数 {name} 不能设为 {value}", name=name, value=typed), hint=hint)
