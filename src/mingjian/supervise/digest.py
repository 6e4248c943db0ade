"""No storm: what one batch would write to a unit in many letters goes out as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mingjian.store.outbox import Letter

MOST_SINGLE = 5  # as many letters a desk still reads one by one
DIGEST = "orders_digest"


def grouped(letters: Sequence[Letter]) -> list[Letter]:
    """The same letters; where one unit would get more than MOST_SINGLE, one letter that lists them all.

    The list keeps each letter's template, key and payload under `items`, the highest tier and the earliest
    limit first. Its key is made from the first of its letters, each of which is written once in an order's life.
    """
    by_unit: defaultdict[tuple[str, str], list[Letter]] = defaultdict(list)
    for letter in letters:
        by_unit[letter.recipient, letter.channel].append(letter)
    out: list[Letter] = []
    for mine in by_unit.values():
        out += [_digest(mine)] if len(mine) > MOST_SINGLE else mine
    return out


def _digest(letters: Sequence[Letter]) -> Letter:
    first = letters[0]
    pressing = sorted(letters, key=lambda a: (-a.payload["tier"], a.payload["finish_due"], a.idempotency_key))
    items = [{**a.payload, "template": a.template, "key": a.idempotency_key} for a in pressing]
    return Letter(f"digest:{first.idempotency_key}", first.recipient, DIGEST, {"items": items}, first.channel)
