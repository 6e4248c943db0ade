"""The `mingjian` command: puts the nouns together and turns errors into words and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from mingjian.cli import (
    audit,
    backtest,
    backup,
    bulletin,
    city,
    dashboards,
    database,
    enterprise,
    explain,
    messages,
    models,
    organisation,
    params,
    queue,
    recheck,
    refit,
    rerank,
    review,
    run,
    serve,
    silences,
    simulate,
    states,
    users,
    warnings,
)
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _, set_language

app = typer.Typer(
    name="mingjian",
    help="明鉴:预警与督办 · early warning and supervision",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def language(
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en(默认 MINGJIAN_LANG 或 zh)")] = None,
) -> None:
    """明鉴:预警与督办 · early warning and supervision of public money and public promises."""
    set_language(lang)


for noun in (
    run,
    warnings,
    explain,
    messages,
    models,
    backtest,
    refit,
    states,
    params,
    silences,
    rerank,
    recheck,
    enterprise,
    review,
    city,
    queue,
    bulletin,
    audit,
    organisation,
    messages,
    database,
    backup,
    users,
    dashboards,
    simulate,
    serve,
):
    noun.register(app)


def main() -> None:
    """Entry point: an error of ours is words and exit code 1, never a traceback."""
    console = Console(stderr=True)
    try:
        app()
    except MingjianError as error:
        console.print(f"[bold red]✗[/] {error.message}", highlight=False)
        if error.hint:
            console.print(f"  → {error.hint}", highlight=False)
        sys.exit(error.exit_code)
    except OperationalError as error:
        console.print(
            f"[bold red]✗[/] {_('连不上数据库')}:{str(error.orig).splitlines()[0]}", highlight=False
        )
        console.print("  → " + _("检查 MINGJIAN_DATABASE_URL,或不设它以使用内置 PostgreSQL"), highlight=False)
        sys.exit(1)
