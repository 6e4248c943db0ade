"""Entity resolution: precision and recall on the Senate's suppliers (real, tax id as truth) and on generated registers.

Real: distinct pairs of supplier name and tax id of 2020; one entity is one legal person (first eight digits of a
company's CNPJ, all of a CPF). Only the name is given to the resolver. Generated: Chinese people with address and
phone, copied with the errors that registers make; the error models stand in `ERRORS`.

    python bench/entities.py [--data FOLDER] [--people 20000] [--seed 1]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import quality
from pypinyin import lazy_pinyin
from rich.console import Console
from rich.table import Table

from mingjian.detect.entities import resolve

DATA = Path(__file__).parents[2] / "shared" / "data"
THRESHOLDS = (0.5, 0.9)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国文玉海红春梅志林永生德福宝金凤成云飞龙雪琴宇浩然子涵轩怡佳欣梓诗琪"
OLD = str.maketrans(
    "张刘陈杨黄赵吴孙马罗郑谢许韩冯邓东兰凤云龙华国伟丽军",
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧東蘭鳳雲龍華國偉麗軍",
)
HOUSEHOLDS, BROTHERS, SAME_PHONE = 0.4, 0.2, 0.5
ROADS = ["中山", "人民", "解放", "建设", "和平", "新华", "胜利", "光明", "幸福", "友谊"]
ROADS += ["文化", "青年", "工业", "园林", "滨河", "迎宾", "长安", "学府", "昌盛", "健康"]
DISTRICTS = ("新城区", "回民区", "玉泉区", "赛罕区")
ESTATES = ["阳光", "锦绣", "金色", "水岸", "翠湖", "书香", "名都", "御景", "和谐", "丽景"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tables = [
        suppliers(args.data / "payouts_br_senate_2020.parquet"),
        *register(np.random.default_rng(args.seed), args.people),
    ]
    notes = [
        "Precision and recall are those of pairs of records in one entity, so a company written in forty ways weighs 780 pairs.",
        "Suppliers: many misses are trade names beside legal names (a brand and the company behind it), which no comparison of "
        "spellings can join; many false pairs are companies of one group and shops of one franchise, whose tax ids differ.",
        "The generated register shares its table of readings (pypinyin) with the resolver, which flatters the row of homophones, "
        "and its errors are the ones we thought of: the real row is the one to believe.",
        "Two fifths of every other record are relatives at one address, half of them with one phone, a fifth with names that differ "
        "in one sign: those pairs are the false ones, since a misspelt name and a brother's look alike.",
        "No weight was fitted to either set: the shares m are fixed by hand, u follows from how rare the parts of a name are. But the "
        "resolver's shape (how a whole name is weighed, that names with nothing in common never match) was settled after first runs on "
        "both sets, so these figures are not of unseen data.",
    ]
    quality.write(
        "entities", "Entity resolution of names and addresses", "python bench/entities.py", tables, notes
    )
    for table in tables:
        printed = Table(*table["columns"], title=str(table["caption"]))
        for row in table["rows"]:
            printed.add_row(*map(str, row))
        Console().print(printed)
    return 0


def suppliers(path: Path) -> dict[str, object]:
    frame = (
        pd.read_parquet(path, columns=["CNPJ_CPF", "FORNECEDOR"]).dropna().drop_duplicates(ignore_index=True)
    )
    tax_id = frame["CNPJ_CPF"].str.replace(r"\D", "", regex=True)
    person = tax_id.where(tax_id.str.len() == 11, tax_id.str[:8])
    exact = frame["FORNECEDOR"].str.strip().str.lower()
    rows = [["equal names (lower case)", "", *measured(exact, person), "", ""]]
    for threshold in THRESHOLDS:
        began = time.process_time()
        found = resolve(frame, {"FORNECEDOR": "name"}, threshold=threshold)
        seconds = time.process_time() - began
        rows.append(
            ["ours", threshold, *measured(found.entities, person), f"{found.compared:,}", f"{seconds:.1f}"]
        )
    caption = (
        f"Senate suppliers 2020: {len(frame):,} spellings, {person.nunique():,} legal persons, name only"
    )
    return {"caption": caption, "columns": COLUMNS, "rows": rows}


COLUMNS = ["method", "threshold", "precision", "recall", "F1", "pairs true", "pairs compared", "seconds"]


def measured(entities: object, truth: object) -> list[str]:
    """Pairwise precision, recall, F1 and the number of true pairs."""
    a, b = pd.factorize(pd.Series(entities))[0], pd.factorize(pd.Series(truth))[0]
    both = pd.Series(a.astype(np.int64) * (b.max() + 1) + b)
    said, true, hit = (pairs_in(np.unique(x, return_counts=True)[1]) for x in (a, b, both))
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", f"{int(true):,}"]


def pairs_in(sizes: np.ndarray) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def register(rng: np.random.Generator, people: int) -> list[dict[str, object]]:
    """Figures with all fields, without the phone, and by kind of error."""
    frame, error = generated(rng, people)
    fields = {"name": "name", "address": "address", "phone": "value"}
    whole, by_error = [], []
    for label, used in (
        ("name, address, phone", fields),
        ("name, address", {k: fields[k] for k in ("name", "address")}),
    ):
        for threshold in THRESHOLDS:
            began = time.process_time()
            found = resolve(frame, used, threshold=threshold)
            seconds = time.process_time() - began
            whole.append(
                [
                    label,
                    threshold,
                    *measured(found.entities, frame["person"]),
                    f"{found.compared:,}",
                    f"{seconds:.1f}",
                ]
            )
            if threshold == THRESHOLDS[0]:
                same = found.entities == found.entities[frame["person"].to_numpy()]
                for kind in ERRORS:
                    mine = error == kind
                    by_error.append([label, kind, int(mine.sum()), f"{100 * same[mine].mean():.1f} %"])
    caption = f"Generated register: {len(frame):,} records of {people:,} people"
    return [
        {"caption": caption, "columns": ["fields", *COLUMNS[1:]], "rows": whole},
        {
            "caption": "Generated register: copies joined to their person, by error in the name (others besides)",
            "columns": ["fields", "error", "copies", "joined"],
            "rows": by_error,
        },
    ]


def generated(rng: np.random.Generator, people: int) -> tuple[pd.DataFrame, np.ndarray]:
    """`people` records, then one copy with errors for each second of them; and the error of each record's name."""
    signs = pd.Series(list(dict.fromkeys(GIVEN + SURNAMES)))
    by_sound = signs.groupby([lazy_pinyin(s)[0] for s in signs]).agg(list).to_dict()
    alike = {s: [o for o in by_sound[lazy_pinyin(s)[0]] if o != s] for s in signs}
    share = 1 / np.arange(1, len(SURNAMES) + 1) ** 0.8
    names = [
        SURNAMES[rng.choice(len(SURNAMES), p=share / share.sum())]
        + "".join(rng.choice(list(GIVEN), 1 if rng.random() < 0.15 else 2))
        for _ in range(people)
    ]
    rows = [
        (i, names[i], address(rng), f"1{rng.integers(3 * 10**9, 10**10):010d}"[:11]) for i in range(people)
    ]
    for i in range(1, people, 2):  # every other record is one of the family next to it, brothers share a sign
        if rng.random() < HOUSEHOLDS:
            kin = rows[i - 1]
            given = kin[1][1] + str(rng.choice(list(GIVEN))) if rng.random() < BROTHERS else rows[i][1][1:]
            rows[i] = (i, kin[1][0] + given, kin[2], kin[3] if rng.random() < SAME_PHONE else rows[i][3])
    error = np.full(people + people // 2, "", dtype=object)
    for n, i in enumerate(range(0, 2 * (people // 2), 2)):
        kind = list(ERRORS)[rng.integers(len(ERRORS))]
        error[people + n] = kind
        phone = (
            rows[i][3]
            if rng.random() < 0.6
            else None
            if rng.random() < 0.75
            else f"13{rng.integers(10**9):09d}"
        )
        rows.append((i, ERRORS[kind](rng, rows[i][1], alike), rewritten(rng, rows[i][2]), phone))
    return pd.DataFrame(rows, columns=["person", "name", "address", "phone"]), error


def address(rng: np.random.Generator) -> str:
    place = f"内蒙古自治区呼和浩特市{rng.choice(DISTRICTS)}{rng.choice(ROADS)}{rng.choice(['路', '街', '大街'])}{rng.integers(1, 200)}号"
    estate = f"{rng.choice(ESTATES)}{rng.choice(['花园', '小区', '家园'])}" if rng.random() < 0.7 else ""
    return f"{place}{estate}{rng.integers(1, 30)}号楼{rng.integers(1, 5)}单元{rng.integers(1, 19)}0{rng.integers(1, 5)}室"


def rewritten(rng: np.random.Generator, text: str) -> str | None:
    """What forms do to an address: no province, other words for a building, wide figures, no estate, no room, nothing."""
    if rng.random() < 0.05:
        return None
    if rng.random() < 0.6:
        text = text.replace("内蒙古自治区", "")
    if rng.random() < 0.3:
        text = text.replace("呼和浩特市", "")
    if rng.random() < 0.4:
        text = text.replace("号楼", str(rng.choice(["栋", "幢", "#楼"])))
    if rng.random() < 0.2:
        text = text.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if rng.random() < 0.3:
        text = text.removesuffix("室")
    if rng.random() < 0.1:
        text = text.split("单元")[0] + "单元"
    return " ".join(text) if rng.random() < 0.05 else text


Error = Callable[[np.random.Generator, str, dict[str, list[str]]], str]


def homophone(rng: np.random.Generator, name: str, alike: dict[str, list[str]]) -> str:
    spots = [i for i, s in enumerate(name) if alike.get(s)]
    if not spots:
        return name
    spot = int(rng.choice(spots))
    return name[:spot] + str(rng.choice(alike[name[spot]])) + name[spot + 1 :]


def other_sign(rng: np.random.Generator, name: str, alike: dict[str, list[str]]) -> str:
    spot = int(rng.integers(1, len(name)))
    return name[:spot] + str(rng.choice(list(GIVEN))) + name[spot + 1 :]


ERRORS: dict[str, Error] = {
    "none": lambda rng, name, alike: name,
    "old form of signs": lambda rng, name, alike: name.translate(OLD),
    "homophone": homophone,
    "one other sign": other_sign,
    "one sign missing": lambda rng, name, alike: name[:-1] if len(name) > 2 else name,
    "blanks between": lambda rng, name, alike: " ".join(name),
}


if __name__ == "__main__":
    raise SystemExit(main())
