"""The hotline's store: one Open311 request a row, ready to be served page by page."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Texts
from mingjian.sample.hotline.complaints import describe

ATTRIBUTES = {
    "channel": "channel", "request_kind": "kind", "district_code": "district", "village_code": "village_code", "caller_phone": "phone",
    "subject_company": "subject", "same_matter": "group", "lead_org": "org", "dispatched_at": "dispatched", "accepted_at": "accepted",
    "accept_due": "accept_due", "finish_due": "finish_due", "finished_at": "finished", "closed_at": "closed", "close_kind": "close",
    "keep_secret": "secret", "extend_count": "extended", "related_project": "project", "place_code": "place",
    "first_org": "first_org", "signed_at": "signed", "urgency": "urgency", "claimed_resolved": "claimed", "returned": "returned",
    "transferred": "transferred", "exempt": "exempt", "exempt_reason": "exempt_why",
}  # fmt: skip
MOMENTS = [
    "at",
    "dispatched",
    "signed",
    "accepted",
    "accept_due",
    "finish_due",
    "finished",
    "closed",
    "updated",
]


def write_complaints(path: Path, city: City, found: pd.DataFrame, topics: pd.DataFrame, phones: Texts) -> int:
    """Write `requests` (in order of change) and `services` to a SQLite file; returns the number of requests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    rng = city.rng("complaint export")
    found = found.assign(phone=phones[found["who"]], text=describe(found, topics))
    found["closed"] = found["finished"]
    found["updated"] = found[["at", "dispatched", "signed", "accepted", "finished"]].max(axis=1)
    found = found.sort_values(["updated", "id"], kind="stable").reset_index(drop=True)
    for column in MOMENTS:
        found[column] = _moments(found[column])
    bodies = _bodies(found, topics, rng)
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE requests (n INTEGER PRIMARY KEY, updated TEXT, requested TEXT, body TEXT)"
    )
    connection.execute("CREATE TABLE services (n INTEGER PRIMARY KEY, body TEXT)")
    rows = zip(range(len(found)), found["updated"], found["at"], bodies, strict=True)
    connection.executemany("INSERT INTO requests VALUES (?, ?, ?, ?)", rows)
    connection.execute("CREATE INDEX by_updated ON requests (updated, n)")
    connection.executemany("INSERT INTO services VALUES (?, ?)", enumerate(_services(topics)))
    connection.commit()
    connection.close()
    return len(found)


def _moments(column: pd.Series) -> pd.Series:
    """ISO 8601 with the city's offset; None where there is none."""
    text = column.dt.strftime("%Y-%m-%dT%H:%M:%S+08:00").astype(object)
    return text.where(column.notna(), None)


def _bodies(found: pd.DataFrame, topics: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    of = topics.iloc[found["topic"].to_numpy()].reset_index(drop=True)
    lat, long = 40 + rng.normal(0, 0.2, len(found)), 113 + rng.normal(0, 0.3, len(found))
    inner = found[list(ATTRIBUTES.values())].replace("", None)
    inner.columns = list(ATTRIBUTES)
    inner = inner.assign(topic_l1=of["l1"], topic_l2=of["l2"], topic_l3=of["l3"]).astype(object)
    inner = inner.where(inner.notna(), None)
    outer = pd.DataFrame(
        {
            "service_request_id": found["id"],
            "status": np.where(found["finished"].isna(), "open", "closed"),
            "service_name": of["l3"],
            "service_code": of["code"],
            "description": found["text"],
            "agency_responsible": found["org"],
            "requested_datetime": found["at"],
            "updated_datetime": found["updated"],
            "expected_datetime": found["finish_due"],
            "address": "示例路" + found["village_code"].astype(str).str[-4:] + "号",
            "lat": lat.round(5),
            "long": long.round(5),
        }
    ).astype(object)
    outer = outer.where(outer.notna(), None)
    records = zip(outer.to_dict("records"), inner.to_dict("records"), strict=True)
    return [json.dumps({**a, "attributes": b}, ensure_ascii=False) for a, b in records]


def _services(topics: pd.DataFrame) -> list[str]:
    return [
        json.dumps(
            {
                "service_code": t.code,
                "service_name": t.l3,
                "description": f"{t.l2}:{t.l3}",
                "metadata": False,
                "type": "realtime",
                "keywords": t.l2,
                "group": t.l1,
            },
            ensure_ascii=False,
        )
        for t in topics.itertuples()
    ]
