"""提醒督办: the first-tier letter to a unit whose order is late, in HTML and Word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from mingjian.content import Content, yamlfile
from mingjian.domain.i18n import pick
from mingjian.domain.sector import Names
from mingjian.domain.source import Strict
from mingjian.domain.workdays import WorkingDays
from mingjian.report.facts import ReminderFacts, gather
from mingjian.report.letter import Letter, write_letter

FOLDER = Path("reports") / "reminder"
OFFICE = Path("reports") / "office.yaml"


class Office(Strict):
    """Who issues letters: `reports/office.yaml`."""

    code: str
    name: Names
    contact: Names
    phone: Names
    copy_to: list[Names]


def render_reminder(
    conn: Connection, content: Content, order_id: str, lang: str, now: datetime, calendar: WorkingDays
) -> Letter:
    """The reminder for one late order as of `now`, in `lang` (zh or en).

    `calendar` counts the city's working days (`supervise.calendar.CITY_CALENDAR`). Raises NotFound for an
    unknown order, NotLate when no reminder is due, ContentError when a letter file is wrong.
    """
    return write_reminder(content.root, gather(conn, content, order_id, now, calendar), lang)


def write_reminder(root: Path, facts: ReminderFacts, lang: str) -> Letter:
    """The reminder that these facts make, with the words and layouts below `root`/reports."""
    office = yamlfile.read(root / OFFICE, Office)
    return write_letter(root / FOLDER, lang, _as_words(facts, office, lang, _late_words(root, lang)))


def _late_words(root: Path, lang: str) -> dict[str, str]:
    words = yaml.safe_load((root / FOLDER / f"words.{lang}.yaml").read_text(encoding="utf-8"))
    late: dict[str, str] = words["late"]
    return late


def _as_words(facts: ReminderFacts, office: Office, lang: str, late: dict[str, str]) -> dict[str, Any]:
    """The facts as the words file reads them: names in one language, lateness as a phrase."""
    names = ("sector", "matter", "explanation", "runbook")
    copies = [pick(dict(to), lang) for to in office.copy_to]
    return {
        **facts.model_dump(),
        **{name: pick(dict(getattr(facts, name)), lang) for name in names},
        "level": facts.level.value,
        "level_en": facts.level.english,
        "accept_late": _accept_phrase(facts, late),
        "finish_late": _late_phrase(facts.finish_late_wd, late),
        "reply_days": facts.reply_days,
        "copy_to": [facts.parent_unit, *copies] if facts.parent_unit else copies,
        "office": {
            "code": office.code,
            "name": pick(dict(office.name), lang),
            "contact": pick(dict(office.contact), lang),
            "phone": pick(dict(office.phone), lang),
        },
    }


def _accept_phrase(facts: ReminderFacts, late: dict[str, str]) -> str:
    if facts.accepted_at is None:
        return _late_phrase(facts.accept_late_wd, late)
    if facts.accept_late_wd is None:
        return late["on_time"]
    return late["accepted_late"].format(days=facts.accept_late_wd)


def _late_phrase(days: int | None, late: dict[str, str]) -> str:
    if days is None:
        return late["none"]
    return late["days"].format(days=days) if days else late["under_a_day"]
