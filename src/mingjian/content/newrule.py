"""A new rule file to start from: complete, lawful, and with a test that passes."""

from __future__ import annotations

import re
from pathlib import Path

from mingjian.content.loader import Content
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

TEMPLATE = """\
id: {id}
version: 1
status: draft
name: {{zh: 新规则(请改名), en: New rule (rename me)}}
description:
  zh: 一句话说明比对什么、找出什么。
  en: One sentence on what is compared and what is found.
kind: row
phase: P2
basis: [{{code: A, state: A}}]
owner: {owner}
subject: {{kind: {table}, column: {key}}}
period: period
inputs:
  {table}: [{key}]
query: |
  SELECT {key}, 'once' AS period, CAST(NULL AS STRING) AS region_code
  FROM {table}
  WHERE {key} LIKE 'F%'
level:
  - {{level: 低, when: {key} IS NOT NULL}}
explanation:
  zh: 说明看到了什么、阈值是多少、请核查什么。
  en: Say what was seen, which threshold, what to check.
evidence:
  - {{table: {table}, where: t.{key} = f.{key}, columns: [{key}]}}
exclusions:
  - {{zh: 哪些情形不应命中, en: what must not fire}}
runbook:
  zh: 1. 先核什么。2. 再核什么。
  en: 1. Check this first. 2. Then check that.
tests:
  - name: fires on F, stays quiet on N
    rows:
      {table}: |
        {key}
        F_first
        N_other
    fires: {{F_first: 低}}
"""


def write_rule(content: Content, rule_id: str) -> Path:
    """Write `rules/<sector>/<name>.yaml`. Raises ContentError for a bad id, an unknown sector or an id in use."""
    found = re.fullmatch(r"([a-z]+)\.([a-z][a-z0-9_]*)", rule_id)
    if not found or found[1] not in content.sectors:
        raise ContentError(
            _("编码 {id} 不合格式", id=rule_id),
            hint=_("写成 <领域>.<小写名称>,领域取 {s} 之一", s="、".join(content.sectors)),
        )
    if rule_id in content.models:
        raise ContentError(_("编码 {id} 已存在", id=rule_id), hint=_("编码永不复用:换一个新编码"))
    sector = content.sectors[found[1]]
    tables = [(n, t) for n, t in sector.tables.items() if t.columns[t.key[0]].type == "text"]
    table, spec = tables[0] if tables else ("company", content.tables["company"])
    owner = next(iter(sector.owners), "")
    path = content.root / "rules" / found[1] / f"{found[2]}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEMPLATE.format(id=rule_id, owner=owner, table=table, key=spec.key[0]), encoding="utf-8")
    return path
