"""Last of the hotline: complete the requests, play the cases, and write the record of steps and return visits."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mingjian.sample.city.workdays import Workdays
from mingjian.sample.context import City
from mingjian.sample.process.export_process import write_process
from mingjian.sample.process.handling import claims, complete
from mingjian.sample.process.outcomes import plant_outcomes
from mingjian.sample.process.process_cases import play
from mingjian.sample.process.steps import build_steps
from mingjian.sample.process.visits import build_visits


def record_process(
    folder: Path, city: City, workdays: Workdays, found: pd.DataFrame, topics: pd.DataFrame
) -> None:
    """Give `found` what the platform keeps beside the dates of handling, and write its two exports."""
    complete(city, found, topics)
    made = play(city, workdays, found)
    found["claimed"] = claims(found)
    plant_outcomes(made, topics)
    write_process(folder, city, build_steps(made, topics), build_visits(city, found))
