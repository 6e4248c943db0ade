"""The city's authority file: which bases of which models have been confirmed, by whom and by which document."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from mingjian.domain.basis import BasisState
from mingjian.domain.model import Basis, Model, Status
from mingjian.domain.source import Strict

PERSONAL_SUBJECTS = frozenset({"person", "household", "account", "approver"})


class Confirmation(Strict):
    """One basis of one model confirmed: the document that says so, who confirmed it, and on which day."""

    code: str
    document: str = Field(min_length=1)
    by: str = Field(min_length=1)
    day: date


class Authority(Strict):
    """The file `authority.yaml` beside `city.yaml`: confirmations by model."""

    models: dict[str, list[Confirmation]]


def is_confirmed(basis: list[Basis]) -> bool:
    """At least one basis seen or confirmed, and none still to be filled (catalogue §0)."""
    states: set[BasisState] = {b.state for b in basis}
    return bool(states & {"V", "confirmed"}) and "A" not in states


def may_be_live(model: Model) -> bool:
    """A model that points at a person, a household or an account needs a confirmed basis."""
    return model.subject.kind not in PERSONAL_SUBJECTS or is_confirmed(model.basis)


def confirm(model: Model, said: list[Confirmation], as_of: date) -> Model:
    """The model as it stands on this day: bases confirmed by then, and live when that was all it waited for."""
    documents = {c.code: c for c in said if c.day <= as_of}
    basis = [_confirmed(b, documents.get(b.code)) for b in model.basis]
    live = bool(documents) and model.status is Status.SHADOW and is_confirmed(basis)
    return model.model_copy(update={"basis": basis, "status": Status.LIVE if live else model.status})


def _confirmed(basis: Basis, said: Confirmation | None) -> Basis:
    if said is None:
        return basis
    note = f"{said.document}（{said.by}，{said.day.isoformat()}）"
    return basis.model_copy(update={"state": "confirmed", "note": note})
