"""Near-duplicates among a million Chinese and Latin texts: seconds, memory, how many are found, how many are right.

Texts are strings of words that follow Zipf's law, half of them Chinese. Copies are planted: some equal but for case,
punctuation and figures, some with words replaced. Truth is measured apart, with Python sets of shingles.

    python bench/near_duplicates.py [--texts 1000000] [--seed 1]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np
import quality
from rich.console import Console
from rich.table import Table

from mingjian.detect.near import near_duplicates
from mingjian.detect.near.normalise import normalise

THRESHOLD = 0.8
WORDS, ZIPF = 20_000, 1.1
SHORTEST, LONGEST = 12, 40
EQUAL, NEAR = 0.05, 0.10
LEAST_RECALL, LEAST_PRECISION = 0.98, 0.999
BANDS = ((0.8, 0.85), (0.85, 0.9), (0.9, 0.95), (0.95, 1.01))
MOST_MINUTES, MOST_GIB = 5, 6
LATIN, HAN = 4, 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    texts, source, chinese, equal = corpus(rng, args.texts)
    before = peak()
    wall, cpu = time.perf_counter(), time.process_time()
    found = near_duplicates(texts, THRESHOLD)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    used = peak()
    copies = np.flatnonzero(source >= 0)
    true = np.array([jaccard(texts[i], texts[source[i]]) for i in copies])
    pairs = set(zip(found.pairs["left"], found.pairs["right"], strict=True))
    first: dict[str, int] = {}
    stands = [first.setdefault(normalise(text), i) for i, text in enumerate(texts)]  # for all that equal it
    ends = [sorted((stands[i], stands[source[i]])) for i in copies]
    met = np.array([a == b or (a, b) in pairs for a, b in ends])
    together = found.labels[copies] == found.labels[source[copies]]
    rows = recall_rows(true, met, together, chinese[copies], equal[copies])
    some = found.pairs.sample(min(20_000, len(found.pairs)), random_state=args.seed)
    exact = [jaccard(texts[i], texts[j]) for i, j in zip(some["left"], some["right"], strict=True)]
    right = float(np.mean(np.array(exact) >= THRESHOLD))
    moved = np.flatnonzero(found.labels != np.arange(len(texts)))
    moved = rng.choice(moved, min(20_000, len(moved)), replace=False)
    with_centre = np.mean([jaccard(texts[i], texts[found.labels[i]]) >= THRESHOLD for i in moved])
    near = true >= THRESHOLD
    recall = float(met[near].mean())
    whole = [
        ["texts", f"{len(texts):,}"],
        ["seconds (processor time)", f"{cpu:.0f}"],
        ["seconds (clock, machine shared with other work)", f"{wall:.0f}"],
        ["peak memory with the texts", f"{used:.1f} GiB"],
        ["of it the texts", f"{before:.1f} GiB"],
        ["pairs found", f"{len(found.pairs):,}"],
        ["recall of planted pairs at or above 0.8", f"{100 * recall:.2f} %"],
        ["precision of pairs (sample of 20,000)", f"{100 * right:.2f} %"],
        ["members at least 0.8 like their cluster's centre (sample)", f"{100 * with_centre:.2f} %"],
        ["largest cluster", f"{np.bincount(found.labels).max():,}"],
    ]
    tables = [
        {"caption": "The run", "columns": ["", "value"], "rows": whole},
        {
            "caption": "Planted pairs by their true similarity",
            "columns": ["similarity", "script", "pairs", "found as pair", "in one cluster"],
            "rows": rows,
        },
    ]
    notes = [
        "A planted pair that is found but not in one cluster belongs to two centres: clusters are stars, so that they cannot chain.",
        "Of equal texts the first stands for all: a pair with one of them is looked for with the first.",
        "Pairs are measured exactly before they are reported; what can be missed are pairs whose MinHash bands all differ.",
    ]
    broken = []
    if recall < LEAST_RECALL:
        broken.append(f"recall {recall:.4f} is below {LEAST_RECALL}")
    if right < LEAST_PRECISION:
        broken.append(f"precision {right:.4f} is below {LEAST_PRECISION}")
    if cpu > 60 * MOST_MINUTES or used > MOST_GIB:
        broken.append(f"{cpu:.0f} s and {used:.1f} GiB: more than {MOST_MINUTES} minutes or {MOST_GIB} GiB")
    quality.write(
        "near_duplicates",
        "Near-duplicate texts at a million records",
        "python bench/near_duplicates.py",
        tables,
        notes,
        broken,
    )
    for table in tables:
        printed = Table(*table["columns"], title=str(table["caption"]))
        for row in table["rows"]:
            printed.add_row(*map(str, row))
        Console().print(printed)
    for line in broken:
        Console().print(line, style="red")
    return 1 if broken else 0


def corpus(rng: np.random.Generator, n: int) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Texts in random order, for each copy the position of its source (else -1), is it Chinese, is it an equal copy."""
    han = ["".join(map(chr, pair)) for pair in rng.integers(0x4E00, 0x4E00 + 3000, (WORDS, 2))]
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    latin = ["".join(rng.choice(letters, size)) for size in rng.integers(3, 10, WORDS)]
    share = 1 / np.arange(1, WORDS + 1) ** ZIPF
    cumulated = np.cumsum(share / share.sum())
    originals = n - int(n * EQUAL) - int(n * NEAR)
    texts: list[str] = []
    chosen: list[np.ndarray] = []
    for i in range(originals):
        chosen.append(np.searchsorted(cumulated, rng.random(rng.integers(SHORTEST, LONGEST))))
        texts.append(said(chosen[-1], i % 2 == 0, han, latin))
    source = np.full(n, -1)
    equal = np.zeros(n, dtype=bool)
    chinese = np.arange(n) % 2 == 0
    for i in range(originals, n):
        origin = int(rng.integers(originals))
        source[i], chinese[i] = origin, origin % 2 == 0
        equal[i] = i < originals + int(n * EQUAL)
        if equal[i]:
            words = texts[origin].split("，" if chinese[i] else " ")
            texts.append(f"{'！'.join(words)}。" if chinese[i] else ", ".join(words).upper())
            continue
        words = chosen[origin].copy()
        swapped = rng.random(len(words)) < rng.uniform(0.01, 0.15)
        words[swapped] = rng.integers(0, WORDS, swapped.sum())
        texts.append(said(words, bool(chinese[i]), han, latin))
    order = rng.permutation(n)
    place = np.argsort(order)
    moved = np.where(source[order] >= 0, place[source[order]], -1)
    return [texts[i] for i in order], moved, chinese[order], equal[order]


def said(words: np.ndarray, chinese: bool, han: Sequence[str], latin: Sequence[str]) -> str:
    if not chinese:
        return " ".join(latin[w] for w in words)
    spoken = [han[w] for w in words]
    return "，".join("".join(spoken[i : i + 6]) for i in range(0, len(spoken), 6))


def jaccard(one: str, other: str) -> float:
    """By Python sets, written apart from the code under test."""
    a, b = shingle_set(one), shingle_set(other)
    return len(a & b) / max(len(a | b), 1)


def shingle_set(text: str) -> set[str]:
    plain = normalise(text)
    size = HAN if sum("\u2e80" <= c <= "\u9fff" for c in plain) * 2 >= len(plain) else LATIN
    return {plain[i : i + size] for i in range(max(len(plain) - size + 1, 1))}


def recall_rows(
    true: np.ndarray, met: np.ndarray, together: np.ndarray, chinese: np.ndarray, equal: np.ndarray
) -> list[list[object]]:
    rows: list[list[object]] = []
    for script, mine in (("Chinese", chinese), ("Latin", ~chinese)):
        for low, high in BANDS:
            here = mine & ~equal & (true >= low) & (true < high)
            rows.append(
                [f"{low:g}–{min(high, 1):g}", script, int(here.sum()), pct(met[here]), pct(together[here])]
            )
        same = mine & equal
        rows.append(["equal but for marks", script, int(same.sum()), pct(met[same]), pct(together[same])])
    return rows


def pct(flags: np.ndarray) -> str:
    return f"{100 * flags.mean():.2f} %" if len(flags) else "–"


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    raise SystemExit(main())
