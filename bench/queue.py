"""The queue at a million open orders: `python bench/queue.py [--orders 1000000] [--small 10000] [--work DIR]`.

The measuring is in `queue_measure.py`. This file only carries the name, and gives it back: the standard library has a
module `queue` too, and every script of this folder has the folder first on its path.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

if __name__ == "queue":
    here = os.path.dirname(os.path.abspath(__file__))
    spec = PathFinder.find_spec("queue", [p for p in sys.path if os.path.abspath(p or ".") != here])
    assert spec and spec.loader
    sys.modules["queue"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["queue"])
elif __name__ == "__main__":
    from queue_measure import main

    sys.exit(main())
