"""A tiny city: seven payees in a CSV, three registers beside it. Small enough to read, real all the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from mingjian.run import Run, open_run
from mingjian.store import db

AS_OF = date(2026, 6, 30)
IDS = {  # made-up numbers with right check digits, by what should become of them
    "three_months": "150102194001010016",
    "one_month": "150102194001010024",
    "alive": "150102194001010032",
    "funeral_only": "150102194001010040",
}

SOURCES = {
    "payouts": """
name: payouts
title: {zh: 发放明细, en: Payouts}
kind: csv
table: payout
org: 财政局
where: {path: payouts.csv}
columns:
  payout_id: {from: 流水号, required: true}
  person_id: {from: 身份证号, type: id_no, required: true}
  programme_id: {from: 项目}
  region_code: {from: 区划}
  month: {from: 所属月份, type: month}
  pay_date: {from: 到账日期, type: date}
  amount: {from: 金额(万元), type: money, unit: 万元, required: true}
  status: {from: 状态, values: {成功: paid, 退汇: returned}}
""",
    "deaths": """
name: deaths
title: {zh: 死亡登记, en: Deaths}
kind: csv
table: death_record
where: {path: deaths.csv}
columns:
  death_id: {from: 编号, required: true}
  person_id: {from: 身份证号, type: id_no, required: true}
  death_date: {from: 死亡日期, type: date}
  source: {from: 来源, values: {公安: police, 殡葬: funeral}}
""",
    "programmes": """
name: programmes
title: {zh: 项目目录, en: Programmes}
kind: csv
table: subsidy_programme
where: {path: programmes.csv}
columns:
  programme_id: {from: 编码, required: true}
  name: {from: 名称}
  category: {from: 类别}
  cycle: {from: 周期}
""",
    "units": """
name: units
title: {zh: 机构, en: Units}
kind: csv
table: org_unit
where: {path: units.csv}
columns:
  org_id: {from: 编码, required: true}
  parent_org_id: {from: 上级}
  name: {from: 名称}
  level: {from: 层级}
  org_type: {const: gov_dept}
  region_code: {from: 区划}
  line_code: {from: 条线}
""",
}


UNITS = """编码,上级,名称,层级,区划,条线
C,,市民政局,city,150100,civil_affairs
X,C,新城区民政局,district,150102,civil_affairs
"""


def payouts(*extra: str) -> str:
    """The payout export; 0.05 万元 is 500 元."""
    head = "流水号,身份证号,项目,区划,所属月份,到账日期,金额(万元),状态"
    rows = [
        f"P{n},{IDS[who]},{programme},150102,{month},{month[:4]}/{month[5:7]}/10,0.05,{status}"
        for n, (who, programme, month, status) in enumerate(
            [
                ("three_months", "DB", "2026-03", "成功"),
                ("three_months", "DB", "2026-04", "成功"),
                ("three_months", "DB", "2026-05", "成功"),
                ("one_month", "DB", "2026-03", "成功"),
                ("alive", "DB", "2026-03", "成功"),
                ("funeral_only", "SZ", "2026-03", "成功"),
            ]
        )
    ]
    return "\n".join([head, *rows, *extra]) + "\n"


@dataclass
class TinyCity:
    """Its folder, its home, and how to open a run on it."""

    folder: Path
    home: Path
    open: Callable[..., Run]

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content, encoding="utf-8")


@pytest.fixture
def city(
    tmp_path: Path, server_url: str, repo_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TinyCity]:
    """A tiny city with a database of its own."""
    with tiny_city(tmp_path, server_url, repo_root, monkeypatch) as made:
        yield made


@contextmanager
def tiny_city(place: Path, server_url: str, root: Path, patch: pytest.MonkeyPatch) -> Iterator[TinyCity]:
    """Write the city below `place`, point the environment at it, and drop its database afterwards."""
    folder, home, name = place / "city", place / "home", f"flow_{uuid4().hex[:12]}"
    (folder / "sources").mkdir(parents=True)
    patch.setenv("MINGJIAN_HOME", str(home))
    patch.setenv("MINGJIAN_DATABASE_URL", db.create_database(server_url, name))
    patch.setenv("MINGJIAN_CONTENT", str(root))
    patch.setenv("MINGJIAN_HASH_KEY", "a key for tests only")
    tiny = TinyCity(folder, home, lambda as_of=AS_OF: open_run(folder, as_of))
    for source, definition in SOURCES.items():
        tiny.write(f"sources/{source}.yaml", definition)
    tiny.write("payouts.csv", payouts())
    dead = [
        ("three_months", "公安"),
        ("three_months", "殡葬"),
        ("one_month", "公安"),
        ("funeral_only", "公安"),
    ]
    lines = [f"D{n},{IDS[who]},2026年1月12日,{source}" for n, (who, source) in enumerate(dead)]
    tiny.write("deaths.csv", "\n".join(["编号,身份证号,死亡日期,来源", *lines]) + "\n")
    tiny.write("programmes.csv", "编码,名称,类别,周期\nDB,低保,dibao,month\nSZ,丧葬补助,funeral,once\n")
    tiny.write("units.csv", UNITS)
    yield tiny
    _drop(server_url, name)


def _drop(server_url: str, name: str) -> None:
    engine: Engine = db.connect(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()
