"""The authority's file: what is confirmed goes live, on its day; what does not exist is told by line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mingjian.content import Content, load_content, load_sources
from mingjian.content.authority import FILE, with_authority
from mingjian.content.laws import breaches
from mingjian.domain.authority import PERSONAL_SUBJECTS, is_confirmed, may_be_live
from mingjian.domain.errors import ContentError
from mingjian.domain.model import Basis, Model, Status

MODEL = "subsidy.exclusive_programmes"  # B04 V, B05 K, A
DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def content(repo_root: Path) -> Content:
    return load_content(repo_root)


def confirmed(content: Content, folder: Path, lines: str, model: str = MODEL) -> Model:
    text = "models:\n" + f"  {model}:\n" + "".join(f"    - {line}\n" for line in lines.splitlines())
    (folder / FILE).write_text(text, encoding="utf-8")
    return with_authority(content, folder, DAY).models[MODEL]


@pytest.mark.parametrize(
    ("states", "live"), [("V", True), ("VK", True), ("K", False), ("VA", False), ("A", False), ("", False)]
)
def test_a_basis_is_confirmed_with_one_seen_and_none_missing(states: str, live: bool) -> None:
    basis = [Basis.model_validate({"code": f"B{n:02d}", "state": s}) for n, s in enumerate(states)]
    assert is_confirmed(basis) is live


def test_without_the_file_the_models_stay_as_they_are(content: Content, tmp_path: Path) -> None:
    assert with_authority(content, tmp_path, DAY) is content


def test_a_confirmed_model_goes_live_and_names_the_document(content: Content, tmp_path: Path) -> None:
    model = confirmed(
        content, tmp_path, "{code: A, document: 明财〔2025〕1号, by: 市财政局, day: 2025-02-01}"
    )
    assert model.status is Status.LIVE
    filled = next(b for b in model.basis if b.code == "A")
    assert (filled.state, filled.note) == ("confirmed", "明财〔2025〕1号（市财政局，2025-02-01）")
    assert content.models[MODEL].status is Status.SHADOW


@pytest.mark.parametrize(
    "line",
    [
        "{code: B05, document: 明民发〔2025〕1号, by: 市民政局, day: 2025-02-01}",
        "{code: A, document: 明财〔2027〕1号, by: 市财政局, day: 2027-02-01}",
    ],
    ids=["another basis is missing", "not yet on that day"],
)
def test_what_is_not_confirmed_yet_stays_shadow(content: Content, tmp_path: Path, line: str) -> None:
    assert confirmed(content, tmp_path, line).status is Status.SHADOW


def test_a_retired_model_is_not_brought_back(content: Content, tmp_path: Path) -> None:
    retired = content.models[MODEL].model_copy(update={"status": Status.RETIRED})
    said = Content(content.root, content.sectors, {MODEL: retired})
    line = "{code: A, document: 明财〔2025〕1号, by: 市财政局, day: 2025-02-01}"
    assert confirmed(said, tmp_path, line).status is Status.RETIRED


@pytest.mark.parametrize(
    ("model", "line", "told"),
    [
        ("subsidy.no_such", "{code: A, document: d, by: b, day: 2025-02-01}", ":2: 没有模型 subsidy.no_such"),
        (MODEL, "{code: B77, document: d, by: b, day: 2025-02-01}", f":3: 模型 {MODEL} 没有依据 B77"),
        (MODEL, "{code: A, document: '', by: b, day: 2025-02-01}", f":3: models.{MODEL}.0.document"),
        (MODEL, "{code: A, document: d, by: b}", f":3: models.{MODEL}.0.day"),
    ],
)
def test_what_the_file_gets_wrong_is_told_by_line(
    content: Content, tmp_path: Path, model: str, line: str, told: str
) -> None:
    with pytest.raises(ContentError) as error:
        confirmed(content, tmp_path, line, model)
    assert f"{tmp_path / FILE}{told}" in str(error.value)


def test_the_law_holds_models_about_people_back(content: Content) -> None:
    people = {i: m for i, m in content.models.items() if m.subject.kind in PERSONAL_SUBJECTS}
    live = {i: m.model_copy(update={"status": Status.LIVE}) for i, m in people.items()}
    wanted = {i for i, m in people.items() if not may_be_live(m)}
    told = [b for b in breaches(_with(content, live)) if b.law == "LiveNeedsAConfirmedBasis"]
    assert {b.path for b in told} == {content.paths[i] for i in wanted} and MODEL in wanted
    assert all("status: " in b.path.read_text(encoding="utf-8").splitlines()[b.line - 1] for b in told)


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ({MODEL: ["subsidy.no_such"]}, "no model subsidy.no_such"),
        ({MODEL: ["subsidy.shared_account"]}, "subsidy.shared_account is about another kind of subject"),
        (
            {MODEL: ["subsidy.deceased_payee"], "subsidy.deceased_payee": [MODEL]},
            "subsidy.deceased_payee is silenced by this model in turn",
        ),
        ({MODEL: [MODEL]}, f"{MODEL} is silenced by this model in turn"),
    ],
)
def test_the_law_on_what_silences_a_model(content: Content, above: dict[str, list[str]], told: str) -> None:
    changed = {i: content.models[i].model_copy(update={"inhibited_by": names}) for i, names in above.items()}
    found = [b for b in breaches(_with(content, changed)) if b.law == "InhibitorsAreThere"]
    assert told in [b.message for b in found if b.path == content.paths[MODEL]]


def test_the_made_up_city_confirms_every_launch_model_about_people(content: Content, repo_root: Path) -> None:
    folder = repo_root / "sources" / "sample"
    assert FILE not in load_sources(folder)
    models = with_authority(content, folder, date(2026, 1, 1)).models.values()
    held = {m.id for m in models if m.phase == "P1" and m.status is Status.SHADOW and not may_be_live(m)}
    assert held == set(), "add them to sources/sample/authority.yaml"


def _with(content: Content, changed: dict[str, Model]) -> Content:
    return Content(
        content.root,
        content.sectors,
        {**content.models, **changed},
        content.paths,
        content.hashes,
        content.basis,
    )
