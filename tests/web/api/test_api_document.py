"""The document says what the API does: whatever a program sends, the answer is one that is described."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import httpx
import pytest
import requests
import schemathesis
from api_client import Api, people
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema as OpenApiSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine
from web_city import NOW

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.web.api.v1 import document
from mingjian.web.app import create_app
from mingjian.web.session import COOKIE

ALL = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SEED = 20260302
EXAMPLES = 10
OPERATIONS = [(path, method.upper()) for path, methods in document()["paths"].items() for method in methods]
REAL = {"warning_id": ["A1", "A3", "B1"], "order_id": ["DA1", "DB1"], "unit_id": ["ca-a"]}


@pytest.fixture(scope="module")
def fuzzed(
    api_engine: Engine, web_content: Content, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Api]:
    """One city for all of it: what one case changes, the next meets."""
    with api_engine.begin() as conn:
        people(conn)
    app = create_app(api_engine, web_content, tmp_path_factory.mktemp("home"), MovableClock(NOW))
    return {account: Api(app, account) for account in ("inspector", "clerk", "dispatcher")}


@pytest.fixture(scope="module")
def described(fuzzed: dict[str, Api]) -> OpenApiSchema:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = fuzzed["clerk"].client.app
    return schema


def deliver(api: Api, case: Case, headers: dict[str, str]) -> httpx.Response:
    """The case over our own test client: schemathesis' transport needs a urllib3 that another library replaces."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver", headers=headers))
    sent = made.prepare()
    parts = sent.headers.items()
    return api.client.request(str(sent.method), str(sent.url), headers=list(parts), content=sent.body)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    fuzzed: dict[str, Api], described: OpenApiSchema, path: str, method: str
) -> None:
    operation = described[path][method]
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    unfit = operation.as_strategy(GenerationMode.NEGATIVE)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(fitting, unfit), st.sampled_from(sorted(fuzzed)), st.booleans(), st.integers(0, 9))
    def send(case: Case, account: str, known: bool, draw: int) -> None:
        api = fuzzed[account]
        if known:
            for name, ids in REAL.items():
                if name in (case.path_parameters or {}):
                    case.path_parameters[name] = ids[draw % len(ids)]
        headers = {"X-CSRF-Token": api.csrf, "Cookie": f"{COOKIE}={api.cookie}"}
        if draw and method != "GET":
            headers |= {"Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"{draw % 3 + 1}"'}
        answer = deliver(api, case, headers)
        case.validate_response(answer, checks=ALL)

    send()


def test_the_committed_document_is_the_one_the_code_makes(repo: Path) -> None:
    written = (repo / "docs" / "openapi.json").read_text(encoding="utf-8")
    made = json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert written == made, "run: python -m mingjian.web.api > docs/openapi.json"


def test_every_route_of_the_api_is_described_but_the_document_itself(fuzzed: dict[str, Api]) -> None:
    served = fuzzed["clerk"].get("/openapi.json").json()
    assert served == json.loads(json.dumps(document()))
    assert served["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in served["paths"])


def test_every_refusal_is_a_problem_in_the_document() -> None:
    for methods in document()["paths"].values():
        for operation in methods.values():
            refusals = {s: r for s, r in operation["responses"].items() if not s.startswith("2")}
            assert {"400", "401", "403", "422", "500"} <= set(refusals)
            assert all(set(r["content"]) == {"application/problem+json"} for r in refusals.values())


def test_every_write_names_its_key() -> None:
    writes = [
        operation
        for methods in document()["paths"].values()
        for method, operation in methods.items()
        if method != "get"
    ]
    assert len(writes) == 13
    for operation in writes:
        names = {p["name"].lower() for p in operation["parameters"] if p["in"] == "header"}
        assert "idempotency-key" in names, operation["operationId"]
        assert {"409", "412", "413", "428"} <= set(operation["responses"])
