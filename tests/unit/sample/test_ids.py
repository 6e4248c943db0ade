"""Numbers of people, companies and accounts are valid by their published check rules."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.content.types import arrow_type
from mingjian.pull.parse.base import Target
from mingjian.pull.parse.identity import parse_id_no, parse_uscc
from mingjian.sample.city import ids

TEXT = Target(arrow_type("text"))


def numbers(count: int) -> np.ndarray:
    born = np.datetime64("1940-01-01") + np.arange(count).astype("timedelta64[D]") * 13
    return ids.id_numbers(np.full(count, 159901), born, np.arange(count) % 2)


def test_identity_numbers_carry_the_right_check_character() -> None:
    read = parse_id_no(pd.Series(numbers(2000), dtype="str"), TEXT)
    assert read.problem.isna().all()


def test_the_check_character_of_a_published_number_is_reproduced() -> None:
    # The example of GB 11643: a woman of 31 December 1949 with sequence 002, check character X.
    born = np.full(2, np.datetime64("1949-12-31"))
    made = ids.id_numbers(np.full(2, 110105), born, np.array([1, 0]))
    assert made[0] == "11010519491231002X"


def test_people_of_one_day_and_place_get_different_numbers() -> None:
    born = np.full(300, np.datetime64("1970-05-01"))
    made = ids.id_numbers(np.full(300, 159901), born, np.arange(300) % 2)
    assert len(set(made)) == 300


def test_old_numbers_are_read_back_as_the_same_person() -> None:
    born_before_2000 = numbers(1500)
    old = pd.Series(ids.old_id_numbers(born_before_2000), dtype="str")
    assert list(parse_id_no(old, TEXT).values) == list(born_before_2000)


def test_company_codes_carry_the_right_check_character() -> None:
    codes = [ids.uscc(159901 + n % 9, n) for n in range(3000)]
    assert parse_uscc(pd.Series(codes, dtype="str"), TEXT).problem.isna().all()
    assert len(set(codes)) == 3000


def test_account_numbers_pass_the_luhn_test_and_do_not_repeat() -> None:
    made = ids.account_numbers(0, 5000)
    assert len(set(made)) == 5000
    for number in made[:200]:
        places = [int(c) for c in reversed(number)]
        assert sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(places)) % 10 == 0
