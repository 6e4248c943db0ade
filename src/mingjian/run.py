"""What a run carries from stage to stage: where things are, what day it is, and what the content says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml
from sqlalchemy import Engine

from mingjian.content import Content, load_content, load_sources
from mingjian.content.authority import with_authority
from mingjian.content.events import with_events
from mingjian.content.policy import with_policy
from mingjian.content.standing import with_statuses
from mingjian.domain.clock import Clock, SystemClock, clock_for
from mingjian.domain.source import Source
from mingjian.lake import Lake
from mingjian.store import db, proposals, units


def home() -> Path:
    """All state of one city: MINGJIAN_HOME, default `var`."""
    return Path(os.environ.get("MINGJIAN_HOME", "var")).resolve()


def default_sources() -> Path:
    """The city's sources when none are named: MINGJIAN_SOURCES, else `city` below the home."""
    named = os.environ.get("MINGJIAN_SOURCES")
    return Path(named).resolve() if named else home() / "city"


@dataclass(frozen=True)
class Run:
    """Passed to every stage; only references travel between stages, through the store."""

    as_of: date
    clock: Clock
    home: Path
    content: Content
    sources: dict[str, Source]
    sources_dir: Path
    lake: Lake
    engine: Engine
    say: Callable[[str], None] = field(default=lambda _text: None)


def open_run(
    sources_dir: Path | None = None,
    as_of: date | None = None,
    say: Callable[[str], None] = lambda _text: None,
) -> Run:
    """A run on this home: content read, the city's authority and model stewards heard, store migrated, sources loaded.

    `as_of` defaults to the day that the sources' `city.yaml` names (a made-up or frozen city), else today.
    """
    folder = (sources_dir or default_sources()).resolve()
    sources = load_sources(folder)
    day = as_of or today(folder)
    place = home()
    place.mkdir(parents=True, exist_ok=True)
    engine = db.open_store(place)
    content = city_content(folder, day)
    with engine.connect() as conn:
        content = with_statuses(content, proposals.statuses_at(conn, day))
    return Run(
        as_of=day,
        clock=clock_for(day),
        home=place,
        content=content,
        sources=sources,
        sources_dir=folder,
        lake=Lake(place / "lake"),
        engine=engine,
        say=say,
    )


def city_content(folder: Path, as_of: date) -> Content:
    """All content as this city's own files leave it on this day: authority, events, policy, local days."""
    return with_policy(with_events(with_authority(load_content(), folder, as_of), folder), folder)


def today(folder: Path) -> date:
    """The day that the city's `city.yaml` names, else the calendar's."""
    return city_day(folder) or SystemClock().now().date()


def city_day(folder: Path) -> date | None:
    """The `as_of` of `folder/city.yaml`, if there is one."""
    card = folder / "city.yaml"
    if not card.exists():
        return None
    day = (yaml.safe_load(card.read_text(encoding="utf-8")) or {}).get("as_of")
    return day if isinstance(day, date) else date.fromisoformat(str(day)) if day else None


def sync_units(run: Run) -> dict[str, int]:
    """Bring the store's units in line with the ready `org_unit` table; returns {"units": n}."""
    version = run.lake.version("ready", "org_unit")
    if version is None:
        return {"units": 0}
    return units.sync(run.engine, run.lake.uris("ready", "org_unit", version), run.as_of)
