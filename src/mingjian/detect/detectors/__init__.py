"""Statistical detectors by name: one module and one line here for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from mingjian.detect.detectors import (
    benford,
    bunching,
    components,
    ears,
    farrington,
    near_duplicate,
    outlier,
    scan,
    surge,
)
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _
from mingjian.domain.model import Model, detector_of

Detect = Callable[[pd.DataFrame, Model, dict[str, Any], date], pd.DataFrame]

REGISTRY: dict[str, Detect] = {
    "benford": benford.digits,
    "bunching": bunching.below_limit,
    "components": components.components,
    "ears_c2": ears.ears_c2,
    "farrington_flexible": farrington.farrington_flexible,
    "hotspot_scan": scan.hotspots,
    "near_duplicate": near_duplicate.near_duplicate,
    "surges": surge.surges,
    "tree_scan": scan.tree_clusters,
    **dict.fromkeys(outlier.NAMES, outlier.outliers),
}


def run(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pa.Table:
    """Features in, candidate rows with measures out; an unknown detector raises RuleError."""
    name = detector_of(model).name
    if name not in REGISTRY:
        raise RuleError(
            _("模型 {id} 的检测器 {name} 未注册", id=model.id, name=name),
            hint=_("可用检测器:{names}", names="、".join(sorted(REGISTRY))),
        )
    return pa.Table.from_pandas(REGISTRY[name](frame, model, values, as_of), preserve_index=False)
