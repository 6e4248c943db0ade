"""The service's workers as processes that may be killed: each does its one job over and over until it is told to end."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, select

from mingjian.content import Content, yamlfile
from mingjian.domain.channel import ChannelKind, ChannelRules
from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role
from mingjian.domain.sector import Sector
from mingjian.lake import Lake
from mingjian.notify import deliver
from mingjian.notify.channels import FileChannel, Message
from mingjian.notify.outbox import Post
from mingjian.run import Run
from mingjian.store import db
from mingjian.store.retry import passing
from mingjian.store.tables import warning
from mingjian.supervise import act, dispatch, sweep, terms_of
from mingjian.supervise.said import Actor, Said

# What the officers do with a warning in each state: role, action, words. A state has one action, so no action
# is ever taken twice on one warning.
PLAN: dict[str, tuple[str, str, dict[str, str]]] = {
    "dispatched": (Role.R1, "sign", {}),
    "signed": (Role.R1, "accept", {}),
    "accepted": (Role.R1, "start_verifying", {"note": "已联系"}),
}
AT_ONCE = 20
LEASE = timedelta(seconds=3)  # a killed notifier's messages are free again after it


@dataclass(frozen=True)
class Town:
    """Where the workers meet: the database, and a folder with the clock, the letters and what was acknowledged."""

    url: str
    folder: Path
    repo: Path

    def now(self) -> datetime:
        """The moment that the test has set; this makes the town itself the workers' clock."""
        return datetime.fromisoformat((self.folder / "now").read_text())

    def set_clock(self, moment: datetime) -> None:
        draft = self.folder / "now.part"
        draft.write_text(moment.isoformat())
        os.replace(draft, self.folder / "now")

    def note(self, book: str, *words: str) -> None:
        """Append one line to a book; a line is written whole or not at all, also by a process that is killed."""
        handle = os.open(self.folder / book, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, (" ".join(words) + "\n").encode())
        os.close(handle)

    def noted(self, book: str) -> list[str]:
        path = self.folder / book
        return path.read_text().splitlines() if path.exists() else []

    def run(self, engine: Engine) -> Run:
        sectors = [yamlfile.read(path, Sector) for path in sorted((self.repo / "sectors").glob("*.yaml"))]
        content = Content(self.repo, {s.sector: s for s in sectors}, models={})
        lake = Lake(self.folder / "lake")
        return Run(self.now().date(), self, self.folder, content, {}, self.folder, lake, engine)


class BookedFiles(FileChannel):
    """The file channel, with a book of every sending."""

    def __init__(self, town: Town) -> None:
        super().__init__(town.folder / "outbox")
        self.town = town

    def send(self, message: Message) -> None:
        super().send(message)
        self.town.note("sent", message.key.replace(" ", "_"))


def officer(town: Town, engine: Engine) -> None:
    """Take the planned step on some warnings; what the database has acknowledged is noted after its commit."""
    terms = terms_of(town.run(engine).content)
    with engine.connect() as conn:
        seen = conn.execute(select(warning.c.id, warning.c.status).where(warning.c.status.in_(list(PLAN))))
        waiting = [(row.id, row.status) for row in seen]
    for id, state in random.sample(waiting, min(AT_ONCE, len(waiting))):
        role, action, said = PLAN[state]
        try:
            with engine.begin() as conn:
                officer = Actor(f"officer-{os.getpid()}", Role(role))
                act(conn, town, id, action, officer, Said(**said), terms=terms)
        except TransitionError:
            continue  # another officer was faster
        town.note("acknowledged", id, action)


def notifier(town: Town, engine: Engine) -> None:
    """Deliver what waits as files, each message by itself."""
    post = Post({"file": ChannelRules(kind=ChannelKind.FILE)}, {"file": BookedFiles(town)})
    deliver(engine, town, post, lease=LEASE)


WORK: dict[str, Callable[[Town, Engine], object]] = {
    "dispatcher": lambda town, engine: dispatch(town.run(engine), "subsidy"),
    "sweeper": lambda town, engine: sweep(town.run(engine)),
    "officer": officer,
    "notifier": notifier,
}


def start(town: Town, kind: str, rounds: int | None = None) -> BaseProcess:
    """A process that does the work of this kind, `rounds` times or until it is killed."""
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(town, kind, rounds), daemon=True
    )
    process.start()
    return process


def _work(town: Town, kind: str, rounds: int | None) -> None:
    random.seed()
    engine = db.connect(town.url)
    done = 0
    while rounds is None or done < rounds:
        done += 1
        try:
            WORK[kind](town, engine)
        except Exception as error:
            if not passing(error):
                town.note("failures", kind, repr(error))
                raise
            time.sleep(0.05)  # an officer whose page failed: looks again, and acts on what is there
