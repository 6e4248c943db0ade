"""Every content file keeps the laws and passes its own tests; broken ones are told by path and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from mingjian.content import load_content, lock
from mingjian.content.laws import all_laws, breaches
from mingjian.content.newrule import write_rule
from mingjian.content.sourcelaws import source_breaches
from mingjian.detect.cases import run_cases
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import set_language
from mingjian.domain.sector import Column

ROOT = Path(__file__).parents[2]
MODELS = sorted(load_content(ROOT).models)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    for folder in ("sectors", "rules", "models", "sources"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / lock.FILE, tmp_path / lock.FILE)
    return tmp_path


def spoil(root: Path, old: str, new: str, rule: str = "rules/subsidy/deceased_payee.yaml") -> Path:
    path = root / rule
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_no_law_is_broken() -> None:
    content = load_content(ROOT)
    assert [str(b) for b in [*breaches(content), *source_breaches(content)]] == []


@pytest.mark.parametrize("model_id", MODELS)
def test_model_passes_its_own_cases(model_id: str) -> None:
    content = load_content(ROOT)
    results = run_cases(content, content.models[model_id])
    assert {r.case: r.problems for r in results if not r.passed} == {}


def test_every_law_says_what_it_holds() -> None:
    assert [type(law).__name__ for law in all_laws() if not type(law).__doc__] == []


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("id: subsidy.deceased_payee", "id: subsidy.other_name", "IdIsPath"),
        ("owner: civil_affairs", "owner: nobody", "OwnerIsNamed"),
        ("code: B01", "code: X1", "BasisIsACode"),
        ("death_record: [death_id", "death_register: [death_id", "InputsExist"),
        ("columns: [death_date, source, recorded_date]", "columns: [no_such]", "EvidenceExists"),
        ("SUM(p.amount) AS amount", "SUM(p.amount AS amount", "SqlParses"),
        ("query: |", "first: {dead: 'SELECT FROM ('}\nquery: |", "SqlParses"),
        ("query: |", "first: {payout: SELECT 1 AS one}\nquery: |", "FirstNamesAreNew"),
        ("CAST(MIN(p.month) AS STRING)", "MIN(p.month)::STRING", "SqlIsPortable"),
        (">= :min_sources", ">= 1", "ParamsAreUsed"),
        ("> :grace_days", "> :grace_day", "ParamsAreUsed"),
        ("WHERE p.status = 'paid'", "WHERE ethnicity = 1 AND p.status = 'paid'", "NoForbiddenFeature"),
        ("fires: {F_three_months: 高", "fires: {X_three_months: 高", "IdsTell"),
        (", F_two_months: 中", "", "EveryLevelIsTested"),
        ("en: Payment after death", "en: ''", "BothLanguages"),
        ("请核对死亡原件", "属骗取补贴", "NobodyIsAccused"),
        (
            "  - {zh: 退汇未到账, en: returned payments}\n",
            "  - {zh: 退汇未到账, en: returned payments}\n" * 4,
            "ExclusionsAreTested",
        ),
        ("  months: {zh: 发放月数, en: months paid, unit: 月}\n", "", "LevelsAreSpoken"),
        ("phase: P1", "phase: P2", "VersionIsLocked"),
    ],
)
def test_a_broken_law_names_path_line_and_law(copy: Path, old: str, new: str, law: str) -> None:
    path = spoil(copy, old, new)
    mine = [b for b in breaches(load_content(copy)) if b.law == law]
    assert mine
    assert all(str(b).startswith(f"{path}:") and b.line >= 1 for b in mine)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: join", "kind: joint", ":8: kind:"),
        ("phase: P1", "phase: P1\ncolour: red", ":10: colour:"),
        ("kind: join", "kind: join\nkind: join", ":9: key 'kind' stands twice"),
        ("  amount: amount", "  amount: [", ":"),
    ],
)
def test_a_misshapen_file_is_told_by_line(copy: Path, old: str, new: str, said: str) -> None:
    path = spoil(copy, old, new)
    with pytest.raises(ContentError) as told:
        load_content(copy)
    assert f"{path}{said}" in str(told.value)


def test_a_basis_must_be_in_the_register_when_there_is_one(copy: Path) -> None:
    spoil(copy, "code: B08", "code: B98")
    assert [b for b in breaches(load_content(copy)) if b.law == "BasisIsACode"] == []
    shutil.copytree(ROOT / "basis", copy / "basis")
    told = [b for b in breaches(load_content(copy)) if b.law == "BasisIsACode"]
    assert [b.message for b in told] == ["basis code B98 is not in the register"]


def test_the_register_names_every_basis() -> None:
    register = load_content(ROOT).basis
    assert sorted(register) == ["A", *(f"B{n:02d}" for n in range(1, 63))]
    assert register["B08"].title.startswith("关于进一步加强惠民惠农财政补贴资金“一卡通”管理")


@pytest.mark.parametrize(
    ("lang", "column", "value", "shown"),
    [
        ("zh", Column(type="text", zh="来源", values={"police": "公安"}), "police", "公安"),
        ("en", Column(type="text", zh="来源", values={"police": "公安"}), "police", "police"),
        ("zh", Column(type="text", zh="来源", values={"police": "公安"}), "unheard of", "unheard of"),
        ("zh", Column(type="text", zh="性别", values=["M", "F"]), "M", "M"),
        ("zh", Column(type="date", zh="月份", unit="first day"), "2026-02-01", "2026年2月"),
        ("en", Column(type="date", zh="月份", unit="first day"), date(2026, 2, 1), "2026-02"),
        ("zh", Column(type="date", zh="日期"), "2026-02-01", "2026-02-01"),
    ],
)
def test_values_are_shown_as_readers_know_them(lang: str, column: Column, value: object, shown: str) -> None:
    set_language(lang)
    try:
        assert column.shown(value) == shown
    finally:
        set_language(None)


def test_codes_are_the_same_with_and_without_labels() -> None:
    bare = Column(type="text", zh="来源", values=["police", "court"])
    labelled = Column(type="text", zh="来源", values={"police": "公安", "court": "法院"})
    assert bare.codes == labelled.codes == ["police", "court"]
    assert Column(type="text", zh="来源").codes is None


def test_evidence_columns_with_codes_have_chinese_labels() -> None:
    content = load_content(ROOT)
    shown = {(e.table, name) for m in content.models.values() for e in m.evidence for name in e.columns}
    assert [c for c in sorted(shown) if isinstance(content.tables[c[0]].columns[c[1]].values, list)] == []


@pytest.mark.parametrize("model_id", MODELS)
def test_a_runbook_is_a_list_of_steps_in_both_languages(model_id: str) -> None:
    model = load_content(ROOT).models[model_id]
    try:
        set_language("zh")
        chinese = model.check_steps()
        set_language("en")
        english = model.check_steps()
    finally:
        set_language(None)
    assert len(chinese) == len(english) >= 2


def test_changed_content_needs_a_new_version(copy: Path) -> None:
    spoil(copy, "value: 60", "value: 61")
    with pytest.raises(ContentError, match="deceased_payee"):
        lock.write(load_content(copy))
    spoil(copy, "version: 3", "version: 4")
    assert lock.write(load_content(copy)) == ["subsidy.deceased_payee"]


def test_a_new_rule_is_lawful_and_passes(copy: Path) -> None:
    write_rule(load_content(copy), "realty.my_check")
    content = load_content(copy)
    lock.write(content)
    assert [str(b) for b in breaches(content)] == []
    assert [r.problems for r in run_cases(content, content.models["realty.my_check"])] == [[]]


@pytest.mark.parametrize("bad", ["nosector.x", "subsidy", "subsidy.Upper", "subsidy.deceased_payee"])
def test_a_bad_rule_id_is_refused(copy: Path, bad: str) -> None:
    with pytest.raises(ContentError):
        write_rule(load_content(copy), bad)
