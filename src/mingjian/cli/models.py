"""`mingjian lint`, `test`, `new-rule` and `lock`: the work on content files."""

from __future__ import annotations

from typing import Annotated

import typer

from mingjian.content import load_content
from mingjian.content import lock as version_lock
from mingjian.content.laws import all_laws, breaches
from mingjian.content.newrule import write_rule
from mingjian.content.policylaws import policy_breaches
from mingjian.content.sourcelaws import source_breaches
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    for name, command in (("lint", lint), ("test", run_tests), ("new-rule", new_rule), ("lock", lock)):
        app.command(name)(command)


def lint() -> None:
    """检查内容法则 · check every content law; prints path:line for each breach.

    例 · example:  mingjian lint
    """
    content = load_content()
    policy = content.root / "supervision" / "policy.yaml"
    found = [*breaches(content), *source_breaches(content), *policy_breaches(content, policy)]
    for breach in found:
        print(breach)
    if found:
        raise typer.Exit(1)
    terminal().print(
        "[green]✓[/] " + _("{m} 个模型,{n} 条法则,全部符合", m=len(content.models), n=len(all_laws())),
        highlight=False,
    )


def run_tests(
    rule: Annotated[
        str | None, typer.Argument(help="模型编码或其开头 · a model's id or the beginning of ids")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="列出命中 · list what fired")] = False,
) -> None:
    """运行模型自带的测试 · run the tests that models carry.

    例 · example:  mingjian test subsidy.deceased_payee
    """
    from mingjian.detect.cases import run_cases  # here, not above: --help should not wait for it

    content, console = load_content(), terminal()
    chosen = [m for i, m in sorted(content.models.items()) if not rule or i.startswith(rule)]
    if not chosen:
        raise NotFound(_("没有模型 {id}", id=rule), hint=_("不带参数运行 mingjian test 可列出全部"))
    results = [result for model in chosen for result in run_cases(content, model)]
    for r in results:
        console.print(
            f"{'[green]✓[/]' if r.passed else '[red]✗[/]'} {r.model}  [dim]{r.case}[/]", highlight=False
        )
        for problem in r.problems:
            console.print(f"    {problem}", highlight=False)
        for f in r.findings if verbose else []:
            console.print(f"    {f.subject_id}  {f.period}  {f.level.value} {f.score}", highlight=False)
    failed = sum(not r.passed for r in results)
    console.print(
        _("{n} 个模型,{c} 个用例,{f} 个未通过", n=len(chosen), c=len(results), f=failed), highlight=False
    )
    if failed:
        raise typer.Exit(1)


def new_rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="<领域>.<名称> · <sector>.<name>")],
) -> None:
    """新建一个规则文件,含能通过的测试 · start a rule file with a test that passes.

    例 · example:  mingjian new-rule subsidy.my_check
    """
    path = write_rule(load_content(), rule_id)
    terminal().print(
        _("已写 {path};改好后运行 mingjian test {id} 与 mingjian lock", path=path, id=rule_id),
        highlight=False,
    )


def lock() -> None:
    """把模型的版本与哈希写入 models.lock · write versions and hashes of the models.

    例 · example:  mingjian lock
    """
    changed = version_lock.write(load_content())
    for model_id in changed:
        print(f"  {model_id}")
    terminal().print(_("models.lock 已更新,{n} 个模型有变", n=len(changed)), highlight=False)
