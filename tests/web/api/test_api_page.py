"""Every curl line of docs/api.md, sent as it stands."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from string import Template

from api_client import ROOT, Api, Callers

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
SH = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
SITE = "http://testserver"


def lines() -> list[str]:
    blocks = SH.findall(PAGE.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.startswith("curl ")]


def send(api: Api, line: str, values: dict[str, str]) -> int:
    """The request that curl would send; words that this small reader does not know are an error."""
    curl = argparse.ArgumentParser(exit_on_error=False)
    curl.add_argument("-X", default="GET")
    curl.add_argument("-b")
    curl.add_argument("-H", action="append", default=[])
    curl.add_argument("-d")
    curl.add_argument("-F")
    curl.add_argument("-o")
    curl.add_argument("-i", action="store_true")
    curl.add_argument("url")
    asked = curl.parse_args(shlex.split(Template(line).substitute(values))[1:])
    headers = dict(h.split(": ", 1) for h in asked.H)
    files = None
    if asked.F:
        field, name = asked.F.split("=@")
        files = {field: (name, b"%PDF-1.4\n%%EOF\n")}
    api.client.cookies.clear()
    headers["Cookie"] = asked.b
    body = asked.d.encode() if asked.d else None
    assert asked.url.startswith(SITE + ROOT)
    return api.client.request(asked.X, asked.url, headers=headers, content=body, files=files).status_code


def test_every_example_works_as_it_stands(call: Callers) -> None:
    clerk, dispatcher, auditor = call("clerk"), call("dispatcher"), call("auditor")
    values = {
        "SITE": SITE,
        "SESSION": clerk.cookie,
        "CSRF": clerk.csrf,
        "ETAG": clerk.etag("/warnings/A1").replace('"', '\\"'),
        "DISPATCHER": dispatcher.cookie,
        "DISPATCHER_CSRF": dispatcher.csrf,
        "AUDITOR": auditor.cookie,
        "AUDITOR_CSRF": auditor.csrf,
    }
    answers = {line: send(call("clerk"), line, values) for line in lines()}
    assert len(answers) == 16
    assert {line: status for line, status in answers.items() if status not in (200, 201)} == {}
