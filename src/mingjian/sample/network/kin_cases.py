"""Relatives of those who handle a benefit: undisclosed (cases), and families that only look like it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mingjian.sample.city.people import heads
from mingjian.sample.context import Numbers, levels
from mingjian.sample.network.offices import Offices, able, cast_offices, make_cadre
from mingjian.sample.subsidy.casting import draw_quiet, truth
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER

MODEL = "network.official_kin_benefit"
SHARE = 1 / 2500
LOOKALIKES = 3
NEEDY = ("TKGY", "NCDB", "CSDB", "CJSH")
ROLES = {"cadre": "本村干部", "surveyor": "调查人", "operator": "经办人", "approver": "审批人"}
CLOSE = ["父母", "子女", "兄弟姐妹"]


class Link(NamedTuple):
    """One row of the register of kin."""

    one: int
    two: int
    relation: str
    source: str
    confidence: float


@dataclass
class Kin:
    """The cast: who handles, who is related, and how the applications of cast families answer.

    `answers` maps an applicant to what the form says of kin; other applications of the family (`families`, by
    household) disclose it. `refused` and `ended` apply without being paid now.
    """

    offices: Offices
    links: list[Link] = field(default_factory=list)
    answers: dict[int, bool] = field(default_factory=dict)
    families: set[int] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)

    def relate(
        self, ledger: Ledger, applicant: int, official: int, relation: str, confidence: float = 0.97
    ) -> None:
        """Make them kin in the register and let the application say that there is none."""
        self.links.append(Link(official, applicant, relation, "申报", confidence))
        self.answers[applicant] = False
        self.families.add(int(ledger.people["household"].to_numpy()[applicant]))


@dataclass
class _Players:
    """Who may still be cast: people on need-based benefits in random order, possible cadres by village."""

    ledger: Ledger
    offices: Offices
    needy: list[int]
    cadres: dict[int, list[int]]

    def pair(self, role: str) -> tuple[int, int]:
        """Somebody on a need-based benefit, and the official of this role who is to be the relative."""
        ledger, village = self.ledger, self.ledger.people["village"].to_numpy()
        if role in ("cadre", "former", "elsewhere"):
            who = self._next([n for n in self.needy if self.cadres.get(int(village[n]))])
            home = int(village[who])
            other = next(v for v in self.cadres if v != home and self.cadres[v])
            official = self.cadres[other if role == "elsewhere" else home].pop()
            ledger.city.taken[official] = True
            make_cadre(ledger, official, left=role == "former")
            return who, official
        who = self._next(self.needy)
        district = _district(ledger, who)
        if role == "approver":
            return who, int(self.offices.approver[district])
        if role == "operator":
            return who, int(ledger.facts.operators[district])
        return who, int(self.offices.surveyors[district][who % 2])

    def _next(self, candidates: list[int]) -> int:
        if not candidates:
            raise ValueError("nobody on a need-based benefit is left to be cast; the city is too small")
        who = candidates[0]
        self.needy.remove(who)
        self.ledger.city.taken[who] = True
        return who


def cast_kin(ledger: Ledger) -> Kin:
    """Cast offices, cases and look-alikes; when all benefits are granted and payment operators appointed.

    高 the approver's own kin in a family that another rule sees too; 中 close kin of one of four roles; 低 in-laws.
    """
    kin, rng = Kin(cast_offices(ledger)), ledger.city.rng("kin")
    cadres: dict[int, list[int]] = {}
    village = ledger.people["village"].to_numpy()
    for person in rng.permutation(able(ledger)).tolist():
        cadres.setdefault(int(village[person]), []).append(person)
    players = _Players(ledger, kin.offices, rng.permutation(ledger.steady(*NEEDY)).tolist(), cadres)
    _cases(ledger, kin, players)
    _lookalikes(ledger, kin, players)
    return kin


def _cases(ledger: Ledger, kin: Kin, players: _Players) -> None:
    level = levels(ledger.city.cases_for(SHARE))
    doubled = _seen_twice(ledger, int((level == "高").sum()))
    for head in doubled.tolist():
        kin.relate(ledger, head, int(kin.offices.approver[_district(ledger, head)]), CLOSE[head % 3])
    truth(ledger, MODEL, doubled, "高: 审批人近亲属，家庭另有跨区县重复享受")
    for name in ("中", "低"):
        roles = np.resize(list(ROLES) if name == "中" else ["surveyor", "cadre"], int((level == name).sum()))
        for number, role in enumerate(roles):
            who, official = players.pair(role)
            kin.relate(ledger, who, official, "姻亲" if name == "低" else CLOSE[number % 3])
            note = f"{name}: {ROLES[role]}{'姻亲' if name == '低' else '近亲属'}未备案"
            truth(ledger, MODEL, np.array([who]), note)


def _lookalikes(ledger: Ledger, kin: Kin, players: _Players) -> None:
    """Disclosed; a general benefit; a doubtful link; a cadre elsewhere or long gone; refused; no longer paid."""
    city, rng = ledger.city, ledger.city.rng("kin look-alikes")
    for _ in range(LOOKALIKES):
        who, official = players.pair("surveyor")
        kin.relate(ledger, who, official, "子女")
        kin.answers[who] = True
        kin.relate(ledger, *players.pair("surveyor"), "兄弟姐妹", 0.6)
        kin.relate(ledger, *players.pair("elsewhere"), "父母")
        kin.relate(ledger, *players.pair("former"), "父母")
    general = city.draw(rng, ledger.steady("GLJT"), LOOKALIKES)
    idle = draw_quiet(ledger, rng, 30, 58, 2 * LOOKALIKES, "head").tolist()
    kin.refused, kin.ended = idle[:LOOKALIKES], idle[LOOKALIKES:]
    for who in [*general.tolist(), *idle]:
        kin.relate(ledger, who, int(kin.offices.surveyors[_district(ledger, who)][0]), "子女")


def _seen_twice(ledger: Ledger, count: int) -> Numbers:
    """Heads of families with a planted case of minimum allowance from two districts."""
    cast = {ids for model, _k, ids, _n in ledger.city.cases if model == "subsidy.cross_region_duplicate"}
    at_home = ledger.spans.loc[ledger.spans["programme"] == NUMBER["NCDB"], "person"].to_numpy()
    here = at_home[np.isin(ledger.people["id_no"].to_numpy()[at_home], list(cast))]
    return np.unique(heads(ledger.people)[here])[:count]


def _district(ledger: Ledger, person: int) -> int:
    return int(ledger.people["district"].to_numpy()[person])
