"""Parts that projects play in the cases of land, permits, presale, deposits and shelters; half of them are look-alikes."""

from __future__ import annotations

# Part -> (number of projects, youngest, oldest) in days since the (planned) start of construction.
IDLE = {"idle_high": (3, 740, 900), "idle_medium": (3, 380, 700), "idle_low": (3, 306, 358)}
IDLE_ALIKE = dict.fromkeys(("idle_gov", "idle_held", "idle_unreported"), (3, 400, 800))
IDLE_ALIKE |= {"idle_near": (3, 100, 280)}
BEGUN_LATE = {"idle_begun": (3, 60, 130)}
FAR_AHEAD = (-300, -260)
OWED = dict.fromkeys(("owed_long", "owed_medium", "owed_short", "owed_late"), (3, *FAR_AHEAD))
OWED |= {"owed_permit": (3, -60, -30)}
OWED_ALIKE = dict.fromkeys(("owed_deferred", "owed_deposit", "owed_today"), (3, *FAR_AHEAD))
EARLY = {"early_start": (3, 75, 110), "early_foundation": (3, 190, 320), "early_topped": (3, 430, 540)}
EARLY_ALIKE = {"by_stages": (3, 130, 330), "works_exempt": (3, 60, 140), "old_entry": (3, 440, 690)}
EARLY_ALIKE |= {"undated": (3, 200, 330)}
PRESALE = dict.fromkeys(
    ("presale_two", "presale_land", "presale_account", "presale_invest", "presale_lag"), (2, 200, 320)
)
PRESALE |= {"no_account": (2, 200, 320)}
PRESALE_ALIKE = dict.fromkeys(("presale_parts", "presale_late_report", "no_ledger"), (3, 250, 330))
DEPOSIT = dict.fromkeys(("under_high", "under_medium", "under_recent"), (2, 500, 640))
DEPOSIT_ALIKE = dict.fromkeys(("fund_lag", "under_cancelled", "under_unnamed", "under_little"), (2, 500, 640))
SHELTER = {"shelter_high": (3, 430, 540), "shelter_medium": (3, 70, 330), "shelter_low": (3, -60, -30)}
SHELTER_ALIKE = {"shelter_fee": (3, 70, 540), "renovation": (3, 70, 330), "shelter_soon": (3, -138, -116)}
SHELTER_ALIKE |= {"shelter_accepted": (3, 880, 1200)}

PARTS: dict[str, tuple[int, int, int]] = {
    **IDLE, **IDLE_ALIKE, **BEGUN_LATE, **OWED, **OWED_ALIKE, **EARLY, **EARLY_ALIKE, **PRESALE, **PRESALE_ALIKE,
    **DEPOSIT, **DEPOSIT_ALIKE, **SHELTER, **SHELTER_ALIKE,
}  # fmt: skip

# Work never begins there, or nothing may be sold there.
NEVER_BEGUN = [*IDLE, *IDLE_ALIKE]
UNSOLD = [*NEVER_BEGUN, "early_topped", "renovation"]
