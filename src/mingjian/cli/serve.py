"""`mingjian serve`, `demo` and `up`: the web app, the demonstration, and everything as it runs for real."""

from __future__ import annotations

from typing import Annotated

import typer

Port = Annotated[int, typer.Option("--port", help="端口 · port")]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("demo")(demo)
    app.command("up")(up)


def serve(
    port: Port = 8000, host: Annotated[str, typer.Option("--host", help="监听地址 · address")] = "127.0.0.1"
) -> None:
    """启动网页 · serve the web app until Ctrl-C.

    例 · example:  mingjian serve --port 8000
    """
    from mingjian import demo as demonstration  # here, not above: --help should not wait for it

    demonstration.serve_web(host, port)


def demo(
    real: Annotated[bool, typer.Option("--real", help="用真实公开记录 · on real public records")] = False,
    web: Annotated[
        bool, typer.Option("--serve/--no-serve", help="小结后是否开网页 · serve the web app after")
    ] = True,
    people: Annotated[int, typer.Option("--people", help="样例城市人口 · the sample city's people")] = 20_000,
    port: Port = 8000,
) -> None:
    """样例城市(或真实记录)经 Airflow 走完主流程 · the main job, run by Airflow, end to end.

    例 · example:  mingjian demo --no-serve
    """
    from mingjian import demo as demonstration  # here, not above: --help should not wait for it

    demonstration.run_demo(real=real, web=web, people=people, port=port)


def up(port: Port = 8000) -> None:
    """启动 Airflow 调度器、API 与网页 · start Airflow's scheduler and API server and the web app.

    例 · example:  mingjian up
    """
    from mingjian import demo as demonstration  # here, not above: --help should not wait for it

    demonstration.run_up(port)
