"""People in households: ages, sexes, villages, numbers, deaths."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import Geography
from mingjian.sample.context import City, Floats, Numbers, Texts

SIZES = [1, 2, 3, 4, 5, 6]
SIZE_SHARES = [0.15, 0.26, 0.26, 0.19, 0.09, 0.05]
ADULT = 16


def build_people(city: City, geo: Geography) -> pd.DataFrame:
    """One row a person, position = index: household, relation, village, district, age, birth, female, id_no, phone.

    `village` and `district` are positions in the geography; `age` is in whole years on `as_of`.
    """
    rng = city.rng("people")
    household, place = _households(rng, city.people)
    village_of = rng.choice(len(geo.villages), household[-1] + 1, p=geo.village_weights)
    relation, age, female = _relations(rng, household, place)
    village = village_of[household]
    district = geo.villages["district"].to_numpy()[village]
    born = city.today - (age * 365.2425).astype("timedelta64[D]") - rng.integers(1, 364, city.people)
    elsewhere = np.where(
        rng.random(city.people) < 0.08, rng.integers(0, len(geo.district_codes), city.people), district
    )
    return pd.DataFrame(
        {
            "household": household,
            "relation": relation,
            "village": village,
            "district": district,
            "rural": geo.villages["rural"].to_numpy()[village],
            "age": age.astype(int),
            "birth": born,
            "female": female,
            "id_no": ids.id_numbers(geo.district_codes[elsewhere], born, female),
            "phone": ids.phones(0, city.people),
            "hukou_village": village,
        }
    )


def _households(rng: np.random.Generator, people: int) -> tuple[Numbers, Numbers]:
    """Household number of each person, and the person's place in it (0 is the head)."""
    sizes = rng.choice(SIZES, people, p=SIZE_SHARES)
    household = np.repeat(np.arange(people), sizes)[:people]
    starts = np.r_[True, household[1:] != household[:-1]]
    place = np.arange(people) - np.maximum.accumulate(np.where(starts, np.arange(people), 0))
    return household, place


def _relations(rng: np.random.Generator, household: Numbers, place: Numbers) -> tuple[Texts, Floats, Numbers]:
    """Relation to the head, age, and sex (1 is female)."""
    n = len(household)
    head_age = np.clip(rng.normal(46, 14, household[-1] + 1), 21, 97)[household]
    roll = rng.random(n)
    spouse = (place == 1) & (roll < 0.85)
    parent = (place > 0) & ~spouse & (head_age < 62) & (head_age > 28) & (roll > 0.8)
    child = (place > 0) & ~spouse & ~parent & (head_age > 24)
    other = (place > 0) & ~spouse & ~parent & ~child
    relation = np.select([spouse, parent, child, other], ["spouse", "parent", "child", "other"], "head")
    gap = rng.integers(22, 35, n)
    age = np.select(
        [spouse, parent, child, other],
        [head_age + rng.normal(0, 3, n), head_age + gap - 2, np.maximum(head_age - gap, 0.5), head_age + 2],
        head_age,
    )
    age = np.clip(age, 0.2, 103)
    age[spouse | other] = np.maximum(age[spouse | other], 20)
    head_female = (rng.random(household[-1] + 1) < 0.28)[household]
    female = np.where(spouse, ~head_female, np.where(place == 0, head_female, rng.random(n) < 0.5))
    return relation.astype(object), np.floor(age), female.astype(int)


def heads(people: pd.DataFrame) -> Numbers:
    """The head's position for each person."""
    first = np.flatnonzero(people["relation"].to_numpy() == "head")
    return first[people["household"].to_numpy()]


def build_deaths(city: City, people: pd.DataFrame) -> pd.Series:
    """Death dates by person: about 0.7 % over the last eighteen months, the old far more often."""
    rng = city.rng("deaths")
    weight = np.exp((people["age"].to_numpy() - 75) / 9)
    weight /= weight.sum()
    dead = rng.choice(city.people, max(120, round(city.people * 0.007)), replace=False, p=weight)
    when = city.today - rng.integers(20, 540, len(dead)).astype("timedelta64[D]")
    city.taken[dead] = True
    return pd.Series(when, index=dead).sort_index()
