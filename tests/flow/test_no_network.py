"""After set-up nothing leaves the machine: the whole path runs with every socket beyond loopback shut."""

from __future__ import annotations

import pytest
import pytest_socket

from mingjian import flow
from mingjian.replay import replay
from tests.flow.conftest import TinyCity


@pytest.fixture
def only_loopback() -> None:  # type: ignore[misc]
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


def test_the_path_runs_with_the_network_shut(city: TinyCity, only_loopback: None) -> None:
    run = city.open()
    assert [d.error for d in flow.walk(run, ["subsidy", "process"]) if d.error] == []
    assert [r.difference for r in replay(run) if r.difference] == []


def test_the_shut_network_is_really_shut(only_loopback: None) -> None:
    import socket

    with pytest.raises(pytest_socket.SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
