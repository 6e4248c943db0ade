"""督办简报: the day on one page for those with two minutes, in HTML and Word."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field
from sqlalchemy import Connection

from mingjian.content import Content, yamlfile
from mingjian.domain.audit import Anchor
from mingjian.domain.i18n import pick
from mingjian.domain.order import Light
from mingjian.domain.source import Strict
from mingjian.report.bulletin_facts import DAYS, BulletinFacts, gather
from mingjian.report.letter import Section, lay_out, read_words
from mingjian.report.reminder import OFFICE, Office

FOLDER = Path("reports") / "bulletin"


class Tile(Strict):
    """One figure that is read first; `tone` is plain or alarm."""

    label: str
    value: str
    note: str
    tone: str = "plain"


class BulletinText(Strict):
    """A bulletin's whole text in one language."""

    head: str
    title: str
    date: str
    lead: str
    tiles: list[Tile]
    sections: list[Section]
    data: list[str] = Field(default_factory=list)
    anchor: str
    hash: str
    check: str
    foot: str


@dataclass(frozen=True)
class Bulletin:
    """A finished bulletin in both forms."""

    text: BulletinText
    html: str
    docx: bytes = field(repr=False)


def render_bulletin(conn: Connection, content: Content, day: date, lang: str, now: datetime) -> Bulletin:
    """The bulletin of `day` in `lang` (zh or en); raises ContentError when one of its files is wrong."""
    return write_bulletin(content.root, gather(conn, content, day, now), lang)


def write_bulletin(root: Path, facts: BulletinFacts, lang: str) -> Bulletin:
    """The bulletin that these facts make, with the words and layouts below `root`/reports."""
    folder = root / FOLDER
    path = folder / f"words.{lang}.yaml"
    names = yaml.safe_load(path.read_text(encoding="utf-8"))["names"]
    office = yamlfile.read(root / OFFICE, Office)
    said = {**_figures(facts), "office": pick(dict(office.name), lang), "tables": _tables(facts, names, lang)}
    text = read_words(path, "bulletin", lang, said, BulletinText)
    return Bulletin(text, *lay_out(folder, "bulletin", lang, text))


def _figures(facts: BulletinFacts) -> dict[str, Any]:
    """The facts and their sums, by the names that the words file uses."""
    by_tier = [sum(line.tiers[tier] for line in facts.lights) for tier in range(3)]
    by_light = {line.light.value: sum(line.tiers) for line in facts.lights}
    by_verdict = {line.verdict: line.recent for line in facts.closed}
    closed = sum(by_verdict.values())
    anchor = facts.anchor
    return {
        **facts.model_dump(),
        "days": DAYS,
        "new_today": sum(line.high + line.medium + line.low for line in facts.new),
        "new_high": sum(line.high for line in facts.new),
        "new_recent": sum(line.recent for line in facts.new),
        "orders": sum(by_tier),
        "raised": by_tier[1] + by_tier[2],
        "tier": by_tier,
        "light": by_light,
        "closed_recent": closed,
        "closed_before": sum(line.before for line in facts.closed),
        "share": {verdict: _share(n, closed) for verdict, n in by_verdict.items()},
        "hash": Anchor(anchor.day, anchor.last_id, anchor.rows, anchor.hash).groups if anchor else "",
    }


def _tables(facts: BulletinFacts, names: dict[str, str], lang: str) -> dict[str, list[list[str]]]:
    """Rows of the page's tables, as text; a table without rows leaves its place to a sentence."""
    new = [
        [pick(dict(line.sector), lang), *_row(line.high, line.medium, line.low), *_total(line)]
        for line in facts.new
    ]
    lights = [
        [pick(line.light.names, lang), *_row(*line.tiers, sum(line.tiers))]
        for line in facts.lights
        if line.light is not Light.NONE or any(line.tiers)
    ]
    closed = sum(line.recent for line in facts.closed)
    return {
        "new": [*new, [names["total"], *_column_sums(new, 5)]],
        "lights": [*lights, [names["total"], *_column_sums(lights, 4)]],
        "units": [[line.unit, *_row(line.overdue, line.open)] for line in facts.units],
        "closed": [
            [names[line.verdict], *_row(line.recent), _share(line.recent, closed), *_row(line.before)]
            for line in facts.closed
        ],
    }


def _total(line: Any) -> list[str]:
    return _row(line.high + line.medium + line.low, line.recent)


def _row(*numbers: int) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _column_sums(rows: list[list[str]], columns: int) -> list[str]:
    return _row(*(sum(int(row[n].replace(",", "")) for row in rows) for n in range(1, columns + 1)))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "—"
