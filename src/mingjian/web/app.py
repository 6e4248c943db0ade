"""The web app: pages and API of one city, over one database."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from mingjian.content import Content
from mingjian.domain.clock import Clock
from mingjian.web.api import health as alive
from mingjian.web.api import v1
from mingjian.web.body_limit import BodyLimit
from mingjian.web.errors import tell_errors
from mingjian.web.middleware import Around
from mingjian.web.pages import health, overview, queue, sign_in, warning
from mingjian.web.session import Sessions
from mingjian.web.viewer import Office

STATIC = Path(__file__).parent / "static"


def create_app(engine: Engine, content: Content, home: Path, clock: Clock) -> FastAPI:
    """The app over a migrated database; keeps its session key below `home`.

    FastAPI's own documentation pages load scripts from outside and are therefore off.
    """
    app = FastAPI(title="明鉴 Mingjian", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = Office(engine, home, content, clock, Sessions(home, clock))
    for room in (sign_in, queue, warning, health, overview, alive, v1):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(Around)
    tell_errors(app)
    return app
