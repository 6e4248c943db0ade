"""Where fits are kept: below the home, a folder a model, a file a training day and mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mingjian.detect.outliers import records
from mingjian.domain.sector import Table
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store.keyfile import kept_secret


@dataclass(frozen=True)
class Room:
    """Where fits are kept and what they are rebuilt from; `lake` are the versions behind the rows to be judged.

    With `keeps` a fit made for want of a record is recorded; a replay makes it for this once.
    """

    home: Path
    lake: Lake
    tables: dict[str, Table]
    versions: dict[str, int]
    keeps: bool
    say: Callable[[str], None] = field(default=lambda _text: None)

    @property
    def secret(self) -> str:
        return kept_secret(self.home, "fits")

    def path(self, model: str, key: str, day: date) -> Path:
        return self.home / "fits" / model / f"{day.isoformat()}-{key[:16]}.json"

    def standing(self, model: str, key: str, as_of: date) -> Path | None:
        """The newest record trained before `as_of`, else that of the day, else None."""
        paths = self._paths(model, key)
        before = [p for p in paths if records.day_of(p) < as_of]
        today = [p for p in paths if records.day_of(p) == as_of]
        return next(iter([*before[-1:], *today]), None)

    def newest_day(self, model: str, key: str) -> date | None:
        """The training day of the newest record."""
        return max(map(records.day_of, self._paths(model, key)), default=None)

    def _paths(self, model: str, key: str) -> list[Path]:
        return sorted((self.home / "fits" / model).glob(f"*-{key[:16]}.json"), key=records.day_of)


_room: ContextVar[Room | None] = ContextVar("fits", default=None)


def current() -> Room | None:
    """The room that the running model's fits are kept in, if any."""
    return _room.get()


@contextmanager
def kept_fits(run: Run, versions: Mapping[str, int], *, keeps: bool = False) -> Iterator[None]:
    """Models run inside judge by kept fits. Outside of it (tests, backtests) the day's own rows are the training."""
    with using(Room(run.home, run.lake, run.content.tables, dict(versions), keeps, run.say)):
        yield


@contextmanager
def using(room: Room) -> Iterator[None]:
    """Let this be the room for the models run inside."""
    token = _room.set(room)
    try:
        yield
    finally:
        _room.reset(token)
