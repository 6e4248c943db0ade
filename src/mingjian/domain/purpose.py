"""Why somebody reads what may lead to a person (catalogue §7: a purpose with every query)."""

from __future__ import annotations

from enum import StrEnum

from mingjian.domain.roles import Role


class Purpose(StrEnum):
    """The duty that a reading serves; it follows from the reader's role."""

    HANDLE = "handle"
    DISPATCH = "dispatch"
    SUPERVISE = "supervise"
    LEAD = "lead"
    SIGNAL = "signal"
    STEWARD = "steward"
    CORRECT = "correct"
    VISIT = "visit"
    OPERATE = "operate"  # on the machine itself, by command


_DUTY: dict[Role, Purpose] = {
    Role.R1: Purpose.HANDLE,
    Role.R2: Purpose.HANDLE,
    Role.R3: Purpose.DISPATCH,
    Role.R4: Purpose.SUPERVISE,
    Role.R5: Purpose.SUPERVISE,
    Role.R6: Purpose.SUPERVISE,
    Role.R7: Purpose.LEAD,
    Role.R8: Purpose.SIGNAL,
    Role.R9: Purpose.STEWARD,
    Role.R10: Purpose.CORRECT,
    Role.R13: Purpose.VISIT,
}


def purpose_of(role: str) -> Purpose:
    """The purpose for which a role reads cases; KeyError for a role that reads none."""
    return _DUTY[Role(role)]
