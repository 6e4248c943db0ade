"""Bring up what a made-up city serves itself, while its sources are pulled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from mingjian.sample.service import complaint_service

URL = "MINGJIAN_OPEN311_URL"


@contextmanager
def city_services(folder: Path) -> Iterator[None]:
    """Start the complaint service of the city in `folder` and name it in the environment, if it has one.

    A real city has none, and an address that is already set is left alone.
    """
    card = folder / "city.yaml"
    described = yaml.safe_load(card.read_text(encoding="utf-8")) if card.exists() else {}
    if not described.get("complaint_db") or os.environ.get(URL):
        yield
        return
    with complaint_service(folder) as url:
        os.environ[URL] = url
        try:
            yield
        finally:
            os.environ.pop(URL, None)
