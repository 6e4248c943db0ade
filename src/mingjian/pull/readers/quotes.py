"""A quote without its partner would swallow the rows after it: keep the damage to its own line."""

from __future__ import annotations


def mend_quotes(text: str, delimiter: str, width: int) -> tuple[str, set[int]]:
    """The text with every line that has an odd number of quotes made ragged, and those lines' numbers.

    Only for files known to hold an unpaired quote: a field that rightly spans lines is cut as well, and its
    pieces are then found to be ragged.
    """
    lines = text.split("\n")
    unpaired = {i for i, line in enumerate(lines, 1) if line.count('"') % 2}
    one_too_many = delimiter * width
    return "\n".join(one_too_many if i in unpaired else s for i, s in enumerate(lines, 1)), unpaired
