"""Laws on a model's tests: what fires, what must not, and that ids tell which is which."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mingjian.content.laws import Breach, Law, ModelFile

_NAMED = re.compile(r"\bN_\w+")
_QUIET = re.compile(r"\bN_?\w", re.M)


class FiresAndStaysQuiet(Law):
    """Every model has a case that fires and rows that must not."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        tests = file.model.tests
        if not any(case.fires for case in tests):
            yield file.breach("add a case that fires", "tests")
        if not any(_QUIET.search(rows) for case in tests for rows in case.rows.values()):
            yield file.breach("add a row N… that must not fire", "tests")


class ExclusionsAreTested(Law):
    """There are at least as many subjects that must not fire as exclusions: one for each, told by its name."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        quiet = {
            name for case in file.model.tests for rows in case.rows.values() for name in _NAMED.findall(rows)
        }
        if len(quiet) < len(file.model.exclusions):
            yield file.breach(f"{len(file.model.exclusions)} exclusions, only {len(quiet)} rows N…", "tests")


class IdsTell(Law):
    """Subjects that must fire begin with F, in whole or in a part after `|`."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for n, case in enumerate(file.model.tests):
            for subject in case.fires:
                if not any(part.startswith("F") for part in subject.split("|")):
                    yield file.breach(f"{subject} must fire, so its id begins with F", "tests", n, "fires")


class EveryLevelIsTested(Law):
    """Each branch of the level rule has a subject that reaches it."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        reached = {level for case in file.model.tests for level in case.fires.values()}
        for n, rule in enumerate(file.model.level):
            if rule.level not in reached:
                yield file.breach(f"no test reaches {rule.level.value}", "level", n)
