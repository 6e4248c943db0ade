"""Letters about enterprise issues: to who must answer, and back to who collected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from mingjian.domain.enterprise import IssueState, IssueStep
from mingjian.store.outbox import Letter

TEMPLATES = {
    IssueStep.ASSIGN: "issue_assigned",
    IssueStep.PRESS: "issue_pressed",
    IssueStep.ANSWER: "issue_answered",
    IssueStep.UNSATISFIED: "issue_reopened",
    IssueStep.RAISE: "issue_raised",
}


def letters_of(issue: RowMapping, step: IssueStep, now: datetime) -> list[Letter]:
    """The letters of this step on the issue as it stands after it."""
    if step not in TEMPLATES or issue["state"] == IssueState.CLOSED:
        return []
    answerers = [issue["unit_id"], issue["leader_user_id"]]
    told = [issue["collected_by"]] if step is IssueStep.ANSWER else answerers
    payload = {
        "issue": str(issue["id"]),
        "quarter": issue["quarter"],
        "promised": issue["promised_on"].isoformat(),
    }
    key = f"issue:{issue['id']}:{step}:{now.isoformat()}"
    return [Letter(f"{key}:{one}", one, TEMPLATES[step], payload) for one in dict.fromkeys(told) if one]
