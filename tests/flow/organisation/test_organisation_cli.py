"""The commands as a person types them, on a whole small city."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from mingjian.cli import app
from mingjian.organisation.headers import LAYOUTS
from mingjian.sample.city.organisation import LINES, write_register

DOCUMENT = ("--document", "编委发〔2026〕8号", "--actor", "boss")


@pytest.fixture(scope="module")
def typed(office_engine: Engine, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Type a command against a database that keeps what the commands before it did."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINGJIAN_HOME", str(home))
        patch.setenv("MINGJIAN_DATABASE_URL", office_engine.url.render_as_string(hide_password=False))
        yield lambda *words: CliRunner().invoke(app, ["organisation", *words])


@pytest.fixture(scope="module")
def loaded(typed, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """The same, after the register of a made-up city went in."""
    made = write_register(tmp_path_factory.mktemp("register"), units=4000, users=5000)
    words = ("import", str(made.units), str(made.users), "--actor", "boss")
    first = typed(*words)
    assert (first.exit_code, "4,000" in first.output, "5,000" in first.output) == (0, True, True), (
        first.output
    )
    assert not list(made.units.parent.glob("*.rejects.csv"))
    return typed


def test_a_made_up_city_goes_in_whole_and_units_are_found(loaded) -> None:  # type: ignore[no-untyped-def]
    said = loaded("show", f"150103-{LINES[0]}").output
    assert "第3区" in said and "上级" in said and "没有变动记录" in said


def test_move_merge_rename_close_and_the_history_of_it(loaded) -> None:  # type: ignore[no-untyped-def]
    assert "共 15 个单位" in loaded("move", "150101001", "--to", "150102", *DOCUMENT).output.replace("\n", "")
    merged = loaded("merge", "150101-water", "150101-gas", "--into", "150101-power", *DOCUMENT)
    assert "已承接" in merged.output
    assert loaded("rename", "150101-power", "公用事业局", *DOCUMENT).exit_code == 0
    told = loaded("show", "150101-water", "--as-of", "2026-01-01").output
    assert "现由 150101-power 承接" in told and "第1区water局" in told
    assert "并入" in loaded("show", "150101-power").output
    refused = loaded("close", "150101-power", *DOCUMENT)
    assert "个在用账号" in str(refused.exception)


def test_absence_and_duty_are_typed_and_listed(loaded) -> None:  # type: ignore[no-untyped-def]
    assert "没有人登记不在岗" in loaded("absent").output
    refused = loaded("absent", "u000000", "--deputy", "u000001", "--to", "2099-01-01", "--actor", "boss")
    assert "不在同一单位" in str(refused.exception)
    assert "请写明代理人" in str(loaded("absent", "u000000", "--actor", "boss").exception)
    put = loaded("duty", "u000001", "--unit", "150100-finance", "--actor", "boss")
    assert "已登记值班" in put.output
    assert "u000001" in loaded("duty", "--unit", "150100-finance").output
    assert "150100-finance" in loaded("duty").output
    assert "没有人值班" in loaded("duty", "--unit", "150100-audit").output


def test_the_page_tells_every_header_that_the_page_promises(repo_root: Path) -> None:
    page = (repo_root / "docs" / "organisation.md").read_text(encoding="utf-8")
    for layout in LAYOUTS.values():
        for column, names in layout.columns.items():
            assert f"`{column}`" in page
            row = [
                line for line in page.splitlines() if line.startswith(f"| `{column}` |") and names[0] in line
            ]
            assert row, column
            told = [h.strip() for h in row[0].split("|")[2].split(",") if h.strip()]
            assert [h for h in told if layout.column_of(h) != column] == []
