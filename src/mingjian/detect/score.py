"""The score of a finding, 0-100, as a list of named parts (catalogue §1.2)."""

from __future__ import annotations

from typing import Any

from mingjian.domain.model import Kind, Model

BASE = {
    Kind.ROW: 40,
    Kind.JOIN: 40,
    Kind.AGGREGATE: 40,
    Kind.SEQUENCE: 40,
    Kind.BASELINE: 25,
    Kind.TEXT: 25,
    Kind.OUTLIER: 20,
    Kind.GRAPH: 20,
}
KIND_ZH = {
    Kind.ROW: "单行规则",
    Kind.JOIN: "比对规则",
    Kind.AGGREGATE: "聚合规则",
    Kind.SEQUENCE: "时序规则",
    Kind.BASELINE: "统计基线",
    Kind.TEXT: "文本模型",
    Kind.OUTLIER: "离群模型",
    Kind.GRAPH: "图模型",
}
AMOUNT_STEPS = [(1_000_000, 30), (50_000, 20), (5_000, 10), (1_000, 5)]
HOUSEHOLD_STEPS = [(100, 20), (20, 10)]


def score_parts(model: Model, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Parts as {"part", "points", "zh", "en"}; `row` holds the query's output and `_adjN` for each adjustment."""
    rule = model.score
    parts = [
        _part(
            "base", BASE[model.kind], f"模型类型为{KIND_ZH[model.kind]}", f"kind of model: {model.kind.value}"
        )
    ]
    if rule.life_safety:
        parts.append(_part("severity", 30, "涉及生命安全", "life safety"))
    else:
        parts += _stepped(row, rule.amount, AMOUNT_STEPS, "金额", "amount")
        parts += _stepped(row, rule.households, HOUSEHOLD_STEPS, "户数", "households")
    if rule.sources and _number(row, rule.sources) >= 2:
        parts.append(_part("certainty", 10, "两个以上独立来源", "two or more independent sources"))
    if rule.match == "exact":
        parts.append(_part("certainty", 5, "证件号精确匹配", "exact identifier match"))
    if rule.match == "fuzzy":
        parts.append(_part("certainty", -15, "模糊匹配", "fuzzy match"))
    if rule.repeats and (more := int(_number(row, rule.repeats)) - 1) > 0:
        parts.append(
            _part("repetition", min(15, 3 * more), f"另有 {more} 期重复", f"{more} further period(s)")
        )
    if rule.official and row.get(rule.official):
        parts.append(_part("context", 15, "涉及公职人员或其亲属", "an official or kin is involved"))
    for n, adjust in enumerate(rule.adjust):
        if row.get(f"_adj{n}"):
            parts.append(_part("adjust", adjust.points, adjust.why["zh"], adjust.why.get("en", "")))
    return parts


def total(parts: list[dict[str, Any]]) -> int:
    """The sum of the points, kept within 0 and 100."""
    return max(0, min(100, sum(int(p["points"]) for p in parts)))


def _stepped(
    row: dict[str, Any], column: str | None, steps: list[tuple[int, int]], zh: str, en: str
) -> list[dict[str, Any]]:
    value = _number(row, column) if column else 0
    for least, points in steps:
        if value >= least:
            return [_part("severity", points, f"{zh}不少于 {least:,}", f"{en} at least {least:,}")]
    return []


def _number(row: dict[str, Any], column: str) -> float:
    value = row.get(column)
    return float(value) if value is not None else 0.0


def _part(name: str, points: int, zh: str, en: str) -> dict[str, Any]:
    return {"part": name, "points": points, "zh": zh, "en": en}
