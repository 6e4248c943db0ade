"""Run a suite with Great Expectations, and tell its own faults apart from bad data."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mingjian.gate.suite import Action, Check

PASSED, FAILED, ERROR = "passed", "failed", "error"
_KEPT_FACTS = ("element_count", "missing_count", "unexpected_percent", "observed_value")


@dataclass(frozen=True)
class Outcome:
    """What one check said. `rows` are the positions of bad rows, known for failed quarantine checks only.

    `too_many` says that fewer than `mostly` of the rows passed; `fault` is the gate's own error, if any.
    """

    check: Check
    outcome: str
    unexpected: int = 0
    too_many: bool = False
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    observed: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


def run_checks(frame: pd.DataFrame, checks: list[Check], arguments: list[dict[str, Any]]) -> list[Outcome]:
    """Judge every check on `frame` (index 0..n-1); `arguments[i]` are the keyword arguments of `checks[i]`.

    A first pass only counts. The bad rows are named in a second pass over the quarantine checks that found
    some: naming them costs several times what counting does.
    """
    expectations: dict[int, Any] = {}
    faults: dict[int, str] = {}
    for number, (check, kwargs) in enumerate(zip(checks, arguments, strict=True)):
        try:
            expectations[number] = _expectation(check.expect, number, kwargs)
        except Exception as error:  # any class at all: an unknown name, wrong arguments, a plug-in's own
            faults[number] = f"{type(error).__name__}: {error}"
    if not expectations:
        return [Outcome(check, ERROR, fault=faults[number]) for number, check in enumerate(checks)]
    with _validator(frame) as validator:
        results = _validate(validator, expectations, "BASIC")
        outcomes = [
            Outcome(check, ERROR, fault=faults[number])
            if number in faults
            else _outcome(check, results[number])
            for number, check in enumerate(checks)
        ]
        return _with_rows(validator, expectations, outcomes)


def _with_rows(validator: Any, expectations: dict[int, Any], outcomes: list[Outcome]) -> list[Outcome]:
    wanted = {
        number: expectations[number]
        for number, o in enumerate(outcomes)
        if o.outcome == FAILED and o.check.action is Action.QUARANTINE and not o.too_many
    }
    if not wanted:
        return outcomes
    named = _validate(validator, wanted, "COMPLETE")
    out = list(outcomes)
    for number in wanted:
        out[number] = _named(outcomes[number], named[number])
    return out


def _named(counted: Outcome, result: Any) -> Outcome:
    """The same outcome with its bad rows; an error when they cannot all be named, for none may slip through."""
    rows = np.asarray(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    if rows.size != counted.unexpected:
        fault = _fault(result.exception_info) or f"named {rows.size} of {counted.unexpected} bad rows"
        return Outcome(counted.check, ERROR, fault=fault)
    return Outcome(counted.check, FAILED, counted.unexpected, False, rows, counted.observed)


def _outcome(check: Check, result: Any) -> Outcome:
    fault = _fault(result.exception_info)
    if fault:
        return Outcome(check, ERROR, fault=fault)
    facts = result.result
    unexpected = int(facts.get("unexpected_count") or 0)
    strict = check.action is Action.QUARANTINE
    failed = not result.success or (strict and unexpected > 0)
    observed = {name: _plain(facts[name]) for name in _KEPT_FACTS if facts.get(name) is not None}
    too_many = strict and check.mostly is not None and not result.success
    return Outcome(check, FAILED if failed else PASSED, unexpected, too_many, observed=observed)


def _fault(info: dict[str, Any] | None) -> str:
    """The message of an exception inside Great Expectations: flat for an expectation, nested for metrics."""
    if not info:
        return ""
    for part in [info] if "raised_exception" in info else info.values():
        if isinstance(part, dict) and part.get("raised_exception"):
            return str(part.get("exception_message") or "exception")
    return ""


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


@cache
def _library() -> Any:
    """Great Expectations, imported at first use: importing it takes seconds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    return great_expectations


@cache
def _context() -> Any:
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@contextmanager
def _validator(frame: pd.DataFrame) -> Iterator[Any]:
    """One validator for both passes: every new batch costs a hash over the whole frame.

    The data source is dropped afterwards, else the context would keep the frame in memory.
    """
    from great_expectations.validator.v1_validator import Validator

    sources = _context().data_sources
    table = sources.add_or_update_pandas("gate").add_dataframe_asset("table")
    whole = table.add_batch_definition_whole_dataframe("all")
    try:
        yield Validator(batch_definition=whole, batch_parameters={"dataframe": frame})
    finally:
        sources.delete("gate")


def _expectation(name: str, number: int, kwargs: dict[str, Any]) -> Any:
    _library()
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(name)(**kwargs, meta={"number": number})


def _validate(validator: Any, expectations: dict[int, Any], detail: str) -> dict[int, Any]:
    """Results by number: Great Expectations returns them in an order of its own."""
    from great_expectations.core import ExpectationSuite

    validator.result_format = {
        "result_format": detail,
        "partial_unexpected_count": 0,
        "return_unexpected_index_query": False,
    }
    suite = ExpectationSuite("gate", expectations=list(expectations.values()))
    results = validator.validate_expectation_suite(suite).results
    return {r.expectation_config.meta["number"]: r for r in results}
