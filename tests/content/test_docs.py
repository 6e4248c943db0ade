"""The documentation is run like code: commands exist, paths exist, variables are those the source reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from mingjian.cli import app

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    [
        *READMES,
        "expectations/README.md",
        *(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")),
    ]
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
VARIABLE = re.compile(r"MINGJIAN_[A-Z0-9_]*[A-Z0-9]\b")
ASSIGNMENT = re.compile(r"[A-Z_]+=")
ROOMS = {
    path.name
    for path in ROOT.iterdir()
    if path.is_dir() and not path.name.startswith(".") and path.name != "var"
}
ROOT_FILE = re.compile(r"(?:\w[\w.-]*\.(?:md|toml|lock)|LICENSE|Makefile)")
PATH = re.compile(r"[\w.<>*-]+(?:/[\w.<>*-]+)*/?")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose_of(page: str) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", text_of(page))


def commands_of(page: str) -> list[str]:
    """Lines of shell blocks, and spans of code that begin with a command of ours."""
    blocks = [body for language, body in FENCE.findall(text_of(page)) if language == "sh"]
    spans = [span for span in SPAN.findall(prose_of(page)) if span.startswith(("mingjian ", "make "))]
    return [line for body in blocks for line in body.splitlines() if line.strip()] + spans


def words_of(line: str) -> list[str]:
    """Words of a shell line without its comment and the variables set before it."""
    words = shlex.split(line, comments=True)
    while words and ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words


def lines_calling(program: str) -> list[tuple[str, str]]:
    return [(page, line) for page in PAGES for line in commands_of(page) if words_of(line)[:1] == [program]]


def find_command(words: list[str]) -> tuple[list[str], TyperCommand | TyperGroup, list[str]]:
    """The path of names, the command they lead to, and the words left for it."""
    here: TyperCommand | TyperGroup = typer.main.get_command(app)
    path: list[str] = []
    while words and isinstance(here, TyperGroup) and words[0] in here.commands:
        here = here.commands[words[0]]
        path.append(words[0])
        words = words[1:]
    return path, here, words


def paths_named(page: str) -> list[str]:
    """Spans of code that look like a path of this repository, and targets of links."""
    spans = [span for span in SPAN.findall(prose_of(page)) if PATH.fullmatch(span)]
    named = [s for s in spans if ("/" in s and s.split("/")[0] in ROOMS) or ROOT_FILE.fullmatch(s)]
    beside = Path(page).parent
    return [*named, *(str(beside / target) for target in LINK.findall(prose_of(page)))]


@pytest.mark.parametrize(("page", "line"), lines_calling("mingjian"))
def test_a_command_in_the_documentation_exists_with_its_options(page: str, line: str) -> None:
    path, command, rest = find_command(words_of(line)[1:])
    assert path, f"{page}: {line}"
    assert not isinstance(command, TyperGroup), f"{page}: {line} names no command of the group"
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    assert {word.split("=")[0] for word in rest if word.startswith("-")} <= known
    assert CliRunner().invoke(app, [*path, "--help"]).exit_code == 0


@pytest.mark.parametrize(("page", "line"), lines_calling("make"))
def test_a_make_target_in_the_documentation_exists(page: str, line: str) -> None:
    targets = re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M)
    asked = [word for word in words_of(line)[1:] if not ASSIGNMENT.match(word)]
    assert asked and set(asked) <= set(targets), f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES)
def test_a_path_in_the_documentation_exists(page: str) -> None:
    """`<name>` in a path stands for any name, and there must be one."""
    absent = [p for p in paths_named(page) if not any(ROOT.glob(re.sub(r"<[^>]*>", "*", p.rstrip("/"))))]
    assert absent == []


@pytest.mark.parametrize("page", READMES)
def test_the_readme_names_every_command(page: str) -> None:
    told = {tuple(find_command(words_of(span)[1:])[0]) for span in commands_of(page) if "mingjian" in span}
    assert set(leaves(typer.main.get_command(app))) - told == set()


def leaves(command: TyperCommand | TyperGroup, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, TyperGroup):
        return [path]
    return [leaf for name, child in command.commands.items() for leaf in leaves(child, (*path, name))]


@pytest.mark.parametrize("page", READMES)
def test_the_table_of_variables_is_what_the_source_reads(page: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    told = re.findall(r"^\| `(MINGJIAN_[A-Z0-9_]+)` \|", text_of(page), re.M)
    assert sorted(told) == sorted(set(VARIABLE.findall(source)))


def test_both_readmes_tell_the_same_places_and_commands() -> None:
    english, chinese = READMES
    assert sorted(set(SPAN.findall(prose_of(english)))) == sorted(set(SPAN.findall(prose_of(chinese))))


def test_the_content_page_leads_to_the_expectations() -> None:
    assert "expectations/README.md" in text_of("docs/content.md")
