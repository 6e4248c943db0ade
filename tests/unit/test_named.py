"""Every named value has its name in both languages, and is its code wherever it is stored."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import mingjian.domain
import mingjian.rerank.gate
import mingjian.supervise.consequences
from mingjian.domain.i18n import set_language
from mingjian.domain.named import Named
from mingjian.domain.order import Light

for found in pkgutil.iter_modules(mingjian.domain.__path__, "mingjian.domain."):
    importlib.import_module(found.name)


@pytest.mark.parametrize("kind", Named.__subclasses__(), ids=lambda kind: kind.__qualname__)
def test_every_member_has_both_names(kind: type[Named]) -> None:
    assert [member for member in kind if not (member.zh and member.en)] == []


def test_a_value_is_its_code_and_is_found_by_it() -> None:
    assert Light("alarm") is Light.ALARM
    assert (str(Light.ALARM), Light.ALARM.value, Light.ALARM == "alarm") == ("alarm", "alarm", True)


def test_its_label_is_in_the_readers_language() -> None:
    set_language("zh")
    assert Light.ALARM.label == "警报"
    set_language("en")
    assert Light.ALARM.label == "overdue"
