"""The model that watches our own orders, measured on a walked city: what nobody answered must be told, nothing else.

No source system plants these cases, the service makes them itself: the city is left alone until its first orders are
past their limits, after every third order was suspended by a document. Then the process sector is walked again. What
is due is counted here by the city's calendar in Python, not by the rule's SQL. Prints one row as `mingjian evaluate`.

    MINGJIAN_HOME=DIR python bench/own_orders.py CITY
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Row, select

from mingjian import flow
from mingjian.domain.clock import CITY_TZ, clock_for
from mingjian.domain.roles import Role
from mingjian.run import Run, open_run
from mingjian.sample.attach import city_services
from mingjian.store.tables import supervision_order, warning
from mingjian.supervise.calendar import CITY_CALENDAR
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.service import act
from mingjian.supervise.terms import terms_of

MODEL = "process.order_no_feedback"
GRACE_WD = 1
EVERY = 3


def main() -> None:
    city = Path(sys.argv[1])
    run = open_run(city)
    orders = _orders(run)
    _suspend(run, [o.id for o in orders[::EVERY]])
    days = sorted({o.finish_due.astimezone(CITY_TZ).date() for o in orders})
    later = open_run(city, days[min(1, len(days) - 1)] + timedelta(days=3))
    planted = {
        o.id for o in orders if o not in orders[::EVERY] and overdue_wd(o.finish_due, later.as_of) > GRACE_WD
    }
    with city_services(city):
        list(flow.walk(later, [flow.WATCH]))
    with later.engine.connect() as conn:
        told = set(conn.execute(select(warning.c.subject_id).where(warning.c.model == MODEL)).scalars())
    print(json.dumps(measured(planted, told)))


def overdue_wd(due: datetime, day: date) -> int:
    """Working days from the day of the limit to the day before `day`, both included."""
    before = datetime.combine(due.astimezone(CITY_TZ).date() - timedelta(days=1), time(12), CITY_TZ)
    return CITY_CALENDAR.between(before, datetime.combine(day - timedelta(days=1), time(12), CITY_TZ))


def measured(planted: set[str], told: set[str]) -> dict[str, object]:
    found = len(planted & told)
    return {
        "model": MODEL,
        "planted": len(planted),
        "found": found,
        "false": len(told - planted),
        "recall": round(found / len(planted), 4) if planted else None,
        "precision": round(found / len(told), 4) if told else None,
    }


def _orders(run: Run) -> list[Row]:
    with run.engine.connect() as conn:
        columns = (supervision_order.c.id, supervision_order.c.finish_due)
        return list(conn.execute(select(*columns).order_by(supervision_order.c.id)))


def _suspend(run: Run, ids: list[str]) -> None:
    clock, terms = clock_for(run.as_of), terms_of(run.content)
    court, note = Actor("bench", Role.R5), f"人民法院中止通知书 {run.as_of}"
    with run.engine.begin() as conn:
        for order in ids:
            act(conn, clock, order, "suspend", court, Said("司法程序中", note), terms=terms)


if __name__ == "__main__":
    main()
