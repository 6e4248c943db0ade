"""The only file that imports Airflow: it adds schedule, retries, parallelism and history to the one path."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, CronTriggerTimetable, get_current_context, task

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.flow import PATH, TAIL, WATCH, WEEKLY, Stage, perform
from mingjian.run import Run, open_run

RETRIES = {
    "retries": 2,
    "retry_delay": timedelta(seconds=float(os.environ.get("MINGJIAN_RETRY_SECONDS", "120"))),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
}
STAGES = {stage.name: stage for stage in (*PATH, *TAIL, *WEEKLY)}
START = datetime(2026, 1, 1, tzinfo=CITY_TZ)


def warnings_of(sector: str) -> Asset:
    """Updated when a sector's warnings are dispatched; the supervising DAG waits for it."""
    return Asset(name=f"warnings_{sector}", uri=f"mingjian://warnings/{sector}")


def sector_dag(sector: str, cron: str) -> DAG:
    """The one path for one sector: every stage mapped over its keys, the next stage when all of them ended.

    A failed key (a source that cannot be read, say) is red and retried; the stages behind it go on with what
    there is, and the missing feed becomes a warning of its own.
    """
    with DAG(
        dag_id=sector,
        schedule=CronTriggerTimetable(cron, timezone=str(CITY_TZ)),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        default_args=RETRIES,
        tags=["mingjian", sector],
    ) as dag:
        _wire(PATH, sector, outlets=[warnings_of(sector)])
    return dag


def supervise_dag(sectors: list[str], cron: str) -> DAG:
    """Whenever a sector has new warnings, and by the clock: watch our own feeds, then sweep the queue."""
    by_clock = CronTriggerTimetable(cron, timezone=str(CITY_TZ))
    assets = [warnings_of(sector) for sector in sectors]
    anything: Any = assets[0]
    for asset in assets[1:]:
        anything = anything | asset
    with DAG(
        dag_id="supervise",
        schedule=AssetOrTimeSchedule(timetable=by_clock, assets=anything),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        default_args=RETRIES,
        tags=["mingjian"],
    ) as dag:
        _wire((*PATH, *TAIL), WATCH, outlets=[])
    return dag


def refit_dag(cron: str) -> DAG:
    """By the clock: fit anew the outlier models that score later days."""
    with DAG(
        dag_id="refit",
        schedule=CronTriggerTimetable(cron, timezone=str(CITY_TZ)),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        default_args=RETRIES,
        tags=["mingjian"],
    ) as dag:
        _wire(WEEKLY, WATCH, outlets=[])
    return dag


def _wire(stages: tuple[Stage, ...], sector: str, outlets: list[Asset]) -> None:
    before: Any = None
    for stage in stages:
        keys = keys_of.override(task_id=f"{stage.name}_keys", trigger_rule="all_done")(stage.name, sector)
        last = stage is stages[-1]
        work = do.override(task_id=stage.name, trigger_rule="all_done", outlets=outlets if last else [])
        done = work.partial(stage=stage.name).expand(key=keys)
        if before is not None:
            before >> keys
        before = done


@task(show_return_value_in_logs=False)
def keys_of(stage: str, sector: str) -> list[str]:
    """What one stage has to do for one sector: references only, never data."""
    return STAGES[stage].keys(_run(), sector)


@task(map_index_template="{{ key }}")
def do(stage: str, key: str) -> dict[str, int]:
    """One piece of work; safe to retry at any point."""
    get_current_context()["key"] = key  # type: ignore[typeddict-unknown-key]  # read by map_index_template
    return perform(_run(), STAGES[stage], key, reraise=True).counts


def _run() -> Run:
    """The run of this DAG run: the day from its `as_of` setting, else from the clock."""
    conf = get_current_context()["dag_run"].conf or {}
    return _opened(str(conf.get("as_of", "")))


@cache
def _opened(as_of: str) -> Run:
    return open_run(as_of=date.fromisoformat(as_of) if as_of else None)


def run_dags(dag_ids: list[str], folder: str, as_of: date) -> bool:
    """Run DAGs here and now by Airflow's own DagBag and task runner; True when no task failed."""
    bag = DagBag(dag_folder=folder)
    if bag.import_errors:
        raise SourceError("\n".join(bag.import_errors.values()), hint=_("改正 dags/ 中的文件"))
    outcomes = [bag.dags[dag_id].test(run_conf={"as_of": as_of.isoformat()}) for dag_id in dag_ids]
    return all(run.state == "success" and not _failed_tasks(run) for run in outcomes)


def _failed_tasks(run: Any) -> list[str]:
    return [ti.task_id for ti in run.get_task_instances() if ti.state == "failed"]


def forget_runs() -> None:
    """Open the next run afresh: another leg of a demonstration has other sources."""
    _opened.cache_clear()
