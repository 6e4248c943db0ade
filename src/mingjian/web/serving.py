"""The web server's life: quiet until asked to stop, then no new work, and what is in flight is finished."""

from __future__ import annotations

import asyncio
import os
import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mingjian import logs
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.web.ready import Drain
from mingjian.web.viewer import Office

FINISH_SECONDS = 30  # requests still in flight after this are cut off
DRAIN_VARIABLE = "MINGJIAN_DRAIN_SECONDS"


def serve_app(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is in flight, close the store, and return.

    After SIGTERM `/readyz` says 503 for MINGJIAN_DRAIN_SECONDS while requests are still taken, so that a balancer
    sends no more of them; then the port is closed. Ctrl-C closes it at once; a second Ctrl-C cuts off what is left.
    MingjianError when the port cannot be had.
    """
    office: Office = app.state.office
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,  # lines go through our sieve
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    server = _Server(config, app.state.drain, drain_seconds())
    logs.setup()
    logs.logger().info("serving", port=port)
    try:
        server.run()
    except SystemExit as refused:
        raise MingjianError(
            _("无法监听 {host}:{port}", host=host, port=port), hint=_("端口可能被占用，请用 --port 换一个")
        ) from refused
    finally:
        office.engine.dispose()
        logs.logger().info("stopped", port=port)


def drain_seconds() -> float:
    """MINGJIAN_DRAIN_SECONDS, default 3; MingjianError when it is no number from 0 to 300."""
    said = os.environ.get(DRAIN_VARIABLE, "3")
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 300:
        raise MingjianError(
            _("{name} 的值 {said} 不是 0 到 300 之间的秒数", name=DRAIN_VARIABLE, said=said),
            hint=_("改为秒数，如 3"),
        )
    return seconds


class _Server(uvicorn.Server):
    """uvicorn's server, which ends of its own accord (exit code 0) and not by the signal it got."""

    def __init__(self, config: uvicorn.Config, drain: Drain, wait: float) -> None:
        super().__init__(config)
        self._drain, self._wait = drain, wait
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end; Ctrl-C once more does not wait for it."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
            return
        first, self._drain.begun = not self._drain.begun, True
        if first:
            logs.logger().info("draining", signal=signal.Signals(sig).name)
        if sig == signal.SIGTERM and first and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.call_later, self._wait, self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.should_exit = True
