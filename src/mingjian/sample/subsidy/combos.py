"""People with an unusual combination of benefits: each allowed, together rare (for the outlier model)."""

from __future__ import annotations

import numpy as np

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.payee_combo_outlier"


def plant_combos(ledger: Ledger) -> None:
    """One person a district with seven programmes, two of them in large sums, over two accounts of his own."""
    rng = ledger.city.rng("combos")
    free = ledger.idle(71, 79)
    district = ledger.people["district"].to_numpy()
    for d in range(DISTRICTS):
        who = ledger.city.draw(rng, free[district[free] == d], 1)
        for code, tier in (
            ("JMYL", "基础"),
            ("CJSH", "普通"),
            ("CJHL", "一级"),
            ("YLFW", "普通"),
        ):
            ledger.grant(who, code, tier)
        second = ledger.open_accounts(who, "个人", ledger.day_in(np.array([-30])))
        ledger.grant(who, "GYGW", "普通", account=second)
        ledger.grant(who, "WFGZ", "D", 4, 4)
        for month in (2, 6, 9):
            ledger.grant(who, "YLJZ", "", month, month)
        note = "七类补贴叠加且含大额一次性补助"
        ledger.city.plant(MODEL, "person", np.array(ledger.people["id_no"])[who], note)
