"""Write docs/quality.md again from the results that are there: `python bench/quality_page.py`."""

from __future__ import annotations

from quality import write_page

if __name__ == "__main__":
    write_page()
