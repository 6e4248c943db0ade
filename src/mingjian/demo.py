"""The demonstration, and everything as it runs for real: database, Airflow and web app brought up together."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine, select

from mingjian import airflow_env, flow, summary
from mingjian.content.loader import content_root
from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.run import Run, city_content, city_day, default_sources, home, open_run, today
from mingjian.sample import build_city
from mingjian.sample.attach import city_services
from mingjian.store import db
from mingjian.store.tables import stage_run
from mingjian.store.users import demo_users
from mingjian.terminal import terminal
from mingjian.web.app import create_app
from mingjian.web.serving import serve_app

SEED = 20_261


@dataclass(frozen=True)
class Leg:
    """One part of a demonstration: these DAGs on these sources."""

    sources: Path
    dags: tuple[str, ...]
    as_of: date


def run_demo(*, real: bool, web: bool, people: int, port: int) -> None:
    """Build the city (or take the real records), run its DAGs by Airflow, print the summary, serve the web app."""
    console, started = terminal(), time.monotonic()
    place = home() / "real" if real else home()
    os.environ["MINGJIAN_HOME"] = str(place)
    legs = _real_legs() if real else [_sample_leg(console, place, people)]
    with _step(console, _("准备数据库与 Airflow 元数据")):
        engine = db.open_store(place)
        airflow_env.prepare(place, legs[0].sources)
    ok = True
    for leg in legs:
        ok = _run_leg(console, leg) and ok
    run = open_run(legs[-1].sources, legs[-1].as_of)
    summary.print_summary(console, run, _done(run, [leg.as_of for leg in legs]))
    console.print(_("共用时 {s:.0f} 秒", s=time.monotonic() - started), highlight=False)
    if not ok:
        raise MingjianError(_("有任务失败"), hint=_("往上看以 ✗ 开头的行"))
    if web:
        _print_accounts(console, engine)
        serve_web("127.0.0.1", port)


def serve_web(host: str, port: int) -> None:
    """Serve the web app on this home until Ctrl-C."""
    place = home()
    content = city_content(default_sources(), today(default_sources()))
    app = create_app(db.open_store(place), content, place, SystemClock())
    terminal().print(_("网页:http://{host}:{port}(Ctrl-C 停止)", host=host, port=port), highlight=False)
    serve_app(app, host, port)


def run_up(port: int) -> None:
    """Airflow's scheduler, DAG processor, triggerer and API server, and the web app, until Ctrl-C."""
    place, sources = home(), default_sources()
    os.environ.setdefault("MINGJIAN_LOG", "info")  # Airflow's workers are servers too
    airflow_env.prepare(place, sources)
    log = place / "airflow" / "standalone.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    console = terminal()
    with city_services(sources), log.open("ab") as said:
        airflow = subprocess.Popen(
            [sys.executable, "-m", "airflow", "standalone"],
            start_new_session=True,
            stdout=said,
            stderr=said,
            env=os.environ
            | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        )
        console.print(_("Airflow:http://127.0.0.1:8080,账号与日志见 {f}", f=log.parent), highlight=False)
        try:
            serve_web("127.0.0.1", port)
        finally:
            # Its children must go with it: the signal goes to the whole group.
            os.killpg(airflow.pid, signal.SIGTERM)
            airflow.wait(60)


def _sample_leg(console: Console, place: Path, people: int) -> Leg:
    folder = place / "city"
    if not (folder / "city.yaml").exists():
        with _step(console, _("生成样例城市({n:,} 人)", n=people)):
            build_city(folder, people, SEED, SystemClock().now().date())
    day = city_day(folder)
    assert day is not None  # noqa: S101 - build_city writes it
    return Leg(folder, ("subsidy", "realty", "utility", "network", "supervise"), day)


def _real_legs() -> list[Leg]:
    folder = content_root() / "sources" / "real"
    return [
        Leg(folder / "payouts", ("subsidy",), _stated_day(folder / "payouts")),
        Leg(folder / "complaints", ("utility", "supervise"), _stated_day(folder / "complaints")),
    ]


def _stated_day(folder: Path) -> date:
    day = city_day(folder)
    if day is None:
        raise MingjianError(_("{f} 没有 city.yaml", f=folder), hint=_("写明 as_of: 2011-08-31 这样的日期"))
    return day


def _run_leg(console: Console, leg: Leg) -> bool:
    """Each DAG in turn, in this process, by Airflow's own task runner."""
    os.environ["MINGJIAN_SOURCES"] = str(leg.sources)
    os.environ.setdefault("MINGJIAN_RETRY_SECONDS", "1")  # nobody waits minutes for a demonstration's retry
    for name in ("airflow", "great_expectations", "alembic", "task", "dag"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings(
        "ignore", message=".*starlette.testclient.*"
    )  # Airflow's own, not for our readers
    with _step(console, _("载入 Airflow")):
        from mingjian import orchestrate

        orchestrate.forget_runs()
    ok = True
    with city_services(leg.sources):
        for dag in leg.dags:
            with _step(console, _("Airflow 运行 {dag}", dag=dag)):
                ok = orchestrate.run_dags([dag], str(content_root() / "dags"), leg.as_of) and ok
    return ok


def _done(run: Run, days: list[date]) -> list[flow.Done]:
    with run.engine.connect() as conn:
        rows = conn.execute(
            select(stage_run).where(stage_run.c.as_of.in_(days)).order_by(stage_run.c.id)
        ).all()
    return [flow.Done(r.stage, r.key, float(r.seconds or 0), r.counts, r.error) for r in rows]


def _print_accounts(console: Console, engine: Engine) -> None:
    password = secrets.token_urlsafe(9)
    with engine.begin() as conn:
        accounts = demo_users(conn, password)
    console.print("\n" + _("演示账号(口令 {p},每次运行重新生成)", p=password), highlight=False)
    for account in accounts:
        console.print(f"  {account.id:<12}{account.name}  {account.unit_name}".rstrip(), highlight=False)


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(text):
        yield
    console.print(f"[green]✓[/] {text}  [dim]{time.monotonic() - started:.1f}s[/]", highlight=False)
