"""The recheck stage: decide about closings, hear the model, send repeats back, open the checks that are due."""

from __future__ import annotations

from mingjian.run import Run
from mingjian.supervise.recheck.due import open_due
from mingjian.supervise.recheck.plan import plan_closings
from mingjian.supervise.recheck.reopen import send_back
from mingjian.supervise.recheck.rerun import look_again
from mingjian.supervise.terms import terms_of


def recheck(run: Run) -> dict[str, int]:
    """All re-supervision of one day; may be run again at any time. Returns {"planned", "opened", "reopened", …}.

    Closings are decided about first, so that a matter closed yesterday and hit again today has its plan to say so.
    """
    terms = terms_of(run.content)
    planned = plan_closings(run.engine, run.clock, terms.policy)
    with run.engine.begin() as conn:
        heard = look_again(conn, run.clock.now(), run.as_of)
    reopened = send_back(run.engine, run.clock, terms)
    opened = open_due(run.engine, run.clock, run.as_of, terms)
    return {
        "planned": sum(planned.values()),
        "opened": opened,
        "reopened": reopened,
        **{f"plan_{reason}": n for reason, n in sorted(planned.items())},
        **{f"rerun_{said}": n for said, n in sorted(heard.items())},
    }
