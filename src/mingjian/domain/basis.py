"""The register of legal and policy bases that models name by code."""

from __future__ import annotations

from typing import Literal

from mingjian.domain.source import Strict

BasisState = Literal["confirmed", "V", "K", "A"]


class BasisTitle(Strict):
    """One basis: the title of a law or paper as published; `en` only where it is not a published title."""

    title: str
    en: str = ""
    state: BasisState


class BasisRegister(Strict):
    """The file `basis/register.yaml`: bases by code (B01 …, and A for those still to be filled)."""

    basis: dict[str, BasisTitle]
