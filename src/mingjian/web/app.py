"""The web app: pages and API of one city, over one database."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from mingjian.content import Content
from mingjian.domain.clock import Clock
from mingjian.store import factors
from mingjian.store.sealed import Sealer
from mingjian.store.vault import Vault
from mingjian.web import metrics, ready
from mingjian.web.api import v1
from mingjian.web.body_limit import BodyLimit
from mingjian.web.errors import tell_errors
from mingjian.web.metrics import Metrics
from mingjian.web.middleware import Around
from mingjian.web.observed import Observed
from mingjian.web.oidc import Provider
from mingjian.web.oidc import settings as oidc_settings
from mingjian.web.pages import (
    account,
    appeals,
    campaign,
    campaigns,
    enterprise,
    health,
    issue,
    oidc,
    overview,
    queue,
    sign_in,
    unmasking,
    warning,
)
from mingjian.web.session import Sessions
from mingjian.web.viewer import Office

STATIC = Path(__file__).parent / "static"


def create_app(engine: Engine, content: Content, home: Path, clock: Clock) -> FastAPI:
    """The app over a migrated database; keeps its session key below `home`.

    FastAPI's own documentation pages load scripts from outside and are therefore off.
    """
    app = FastAPI(title="明鉴 Mingjian", docs_url=None, redoc_url=None, openapi_url=None)
    said = oidc_settings()
    app.state.office = Office(
        engine,
        home,
        content,
        clock,
        Sessions(home, clock),
        Sealer(home, factors.KEY_FILE),
        Vault(home),
        Provider(said, clock) if said else None,
    )
    app.state.home, app.state.drain = home, ready.Drain()
    app.state.metrics = Metrics(engine, clock)
    for room in (
        sign_in,
        oidc,
        account,
        queue,
        warning,
        appeals,
        campaigns,
        campaign,
        enterprise,
        issue,
        unmasking,
        health,
        overview,
        v1,
        ready,
        metrics,
    ):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(Around)
    app.add_middleware(Observed, metrics=app.state.metrics)
    tell_errors(app)
    return app
