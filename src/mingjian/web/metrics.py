"""`/metrics`: what Prometheus reads. The store's figures are read when asked for and kept for a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from mingjian import logs
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.store import gauges
from mingjian.web.errors import Refused
from mingjian.web.operators import is_operator

router = APIRouter()
KEPT_FOR = timedelta(seconds=10)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One app's registry: requests are counted as they come, the store is asked when Prometheus asks."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        by = ("method", "route")
        self.requests = Counter(
            "mingjian_http_requests",
            "Requests answered, by route template and status",
            (*by, "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "mingjian_http_request_seconds",
            "Time to the end of the answer",
            by,
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.registry.register(StoreFigures(engine, clock))
        self.registry.register(ProcessFigures())
        ProcessCollector(registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def page(self) -> bytes:
        """All metrics in Prometheus' text form."""
        return generate_latest(self.registry)


class StoreFigures(Collector):
    """The store's figures; asked again only when KEPT_FOR has passed, so that many scrapes cost one."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock, self._lock = engine, clock, Lock()
        self._kept: list[Metric] = []
        self._read_at: datetime | None = None

    def describe(self) -> list[Metric]:
        """Nothing ahead of time: registering must not need a database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures; only `mingjian_store_up` 0 when the store does not answer."""
        now = self._clock.now()
        with self._lock:
            if self._read_at is None or not timedelta(0) <= now - self._read_at < KEPT_FOR:
                self._kept, self._read_at = self._read(now), now
            kept = self._kept
        yield from kept

    def _read(self, now: datetime) -> list[Metric]:
        try:
            with self._engine.connect() as conn:
                figures = gauges.read(conn, now)
        except OperationalError:
            return [_gauge("store_up", "Whether the store answered", {(): 0.0})]
        return [_gauge("store_up", "Whether the store answered", {(): 1.0}), *_families(figures)]


class ProcessFigures(Collector):
    """What this process alone knows."""

    def collect(self) -> Iterator[Metric]:
        """Fields that the log's sieve has left out."""
        yield CounterMetricFamily(
            "mingjian_log_fields_dropped", "Fields left out of log lines", value=logs.dropped()
        )


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus' text form; Refused to callers that are not operators."""
    if not is_operator(request):
        raise Refused(
            _("运行指标只对本机或持令牌者开放"), hint=_("请设置 MINGJIAN_METRICS_TOKEN，并以 Bearer 令牌访问")
        )
    kept: Metrics = request.app.state.metrics
    return Response(kept.page(), media_type=CONTENT_TYPE_LATEST)


def _families(f: gauges.Figures) -> list[Metric]:
    return [
        _gauge("orders", "Open orders", f.orders_by_tier_and_light, ("tier", "light")),
        _gauge("orders_by_state", "Open orders", _keyed(f.orders_by_state), ("state",)),
        _gauge("sweep_lag_seconds", "Age of the oldest check that is due and not made", {(): f.sweep_lag}),
        _gauge("outbox_messages", "Messages", _keyed(f.outbox), ("state",)),
        _gauge("outbox_age_seconds", "Age of the oldest message that waits", {(): f.outbox_age}),
        _gauge("feed_age_days", "Days since the last good pull", _keyed(f.feed_age_days), ("source",)),
        _gauge(
            "feed_allowed_days", "Days a source may stay silent", _keyed(f.feed_allowed_days), ("source",)
        ),
        _gauge("feed_failed", "Whether the last pull failed", _keyed(f.feed_failed), ("source",)),
        _gauge("stage_finished_timestamp_seconds", "Last good end", _keyed(f.stage_done_at), ("stage",)),
        _gauge("stage_failed", "Keys failed on the newest day", _keyed(f.stage_failed), ("stage",)),
        _gauge("audit_rows", "Rows of the audit log", {(): float(f.audit_rows)}),
    ]


def _keyed(values: dict[str, float]) -> dict[tuple[str, ...], float]:
    return {(key,): value for key, value in values.items()}


def _gauge(name: str, said: str, values: dict, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"mingjian_{name}", said, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family
