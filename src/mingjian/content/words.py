"""Explanations: a model's own template filled with what it measured, in Chinese and English."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from mingjian.domain.model import Model
from mingjian.domain.typeset import chinese_marks

_CJK = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_GAP = re.compile(f"(?<=[{_CJK}])\\s+(?=[{_CJK}])")


def explain(model: Model, measures: dict[str, Any], params: dict[str, Any]) -> dict[str, str]:
    """The model's explanation as {"zh", "en"}; a name the query does not give raises jinja2.UndefinedError."""
    values = {**measures, "params": params}
    return {lang: _fill(model.explanation[lang], lang, values) for lang in ("zh", "en")}


def _fill(template: str, lang: str, values: dict[str, Any]) -> str:
    text = " ".join(_template(lang, template).render(values).split())
    return chinese_marks(_GAP.sub("", text)) if lang == "zh" else text


@cache
def _template(lang: str, text: str) -> Template:
    return environment(lang).from_string(text)


@cache
def environment(lang: str) -> SandboxedEnvironment:
    """A sandboxed Jinja2 environment with the filters that content may use."""
    env = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    env.filters.update(
        money=lambda v: _money(v, lang),
        pct=lambda v: f"{float(v):.1f}%",
        num=lambda v: f"{float(v):,.2f}".rstrip("0").rstrip("."),
        day=lambda v: _day(v, lang),
        month=lambda v: _month(v, lang),
    )
    return env


def _money(value: Any, lang: str) -> str:
    amount = f"{float(value):,.2f}"
    return f"{amount} 元" if lang == "zh" else f"CNY {amount}"


def _day(value: Any, lang: str) -> str:
    day = _date(value)
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else day.isoformat()


def _month(value: Any, lang: str) -> str:
    day = _date(value)
    return f"{day.year}年{day.month}月" if lang == "zh" else f"{day.year}-{day.month:02d}"


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
