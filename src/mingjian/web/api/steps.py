"""Steps of the workflow: which are offered, which were taken, and taking one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.errors import NotFound, StaleVersion
from mingjian.domain.evaluation import HIGHEST, LOWEST, Respondent, Scores
from mingjian.domain.i18n import _
from mingjian.store import order_queue, queue
from mingjian.store.orders import order_id_of
from mingjian.supervise import act, terms_of
from mingjian.supervise.reading import version_read
from mingjian.supervise.said import Said
from mingjian.web import labels
from mingjian.web.actions import Offered, actor_of, offered_now
from mingjian.web.api.answers.steps import ActionList, ActionOut, ReasonCode, StepOut, StepPage, StepTaken
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import Id, NoQuery, Paged
from mingjian.web.api.versions import IfMatch, changes_since, tag_of
from mingjian.web.errors import Changed, Refused
from mingjian.web.focus import CaseReader
from mingjian.web.keyed import numbered
from mingjian.web.scopes import WARNINGS
from mingjian.web.unannounced import hidden_steps, seen_steps
from mingjian.web.viewer import Viewer, office_of

router = APIRouter(tags=["steps"], dependencies=[WARNINGS])
DimensionName = Annotated[str, Field(max_length=20)]
Score = Annotated[int, Field(ge=LOWEST, le=HIGHEST)]


class EvaluationBody(Body):
    """One side of the double evaluation: scores by dimension from 1 to 5, and on the public side who was asked."""

    scores: dict[DimensionName, Score] = Field(default_factory=dict, max_length=8)
    resolved: bool | None = None
    respondent: Respondent | None = None
    households: int | None = Field(None, ge=1, le=1000, description="households asked beside the owner")

    def said(self) -> Scores:
        """The same for the workflow."""
        return Scores(self.scores, self.resolved, self.respondent, self.households)


class StepBody(Body):
    """One step. `action` is a name from the offered list; the table, the role and its guard decide."""

    action: Text = Field(min_length=1, max_length=40)
    reason: Text = Field("", max_length=200)
    note: Text = Field("", max_length=2000)
    days: int | None = Field(None, ge=1, le=250, description="working days that an extension asks for")
    unit_id: Text | None = Field(None, max_length=80, description="where a dispatch or transfer goes")
    lead_id: Text | None = Field(None, max_length=120, description="what a duplicate is merged into")
    evaluation: EvaluationBody | None = Field(None, description="for visit_back and evaluate")

    def said(self) -> Said:
        """The same as the service takes it."""
        scores = self.evaluation.said() if self.evaluation else None
        return Said(self.reason, self.note, self.unit_id or None, self.days, self.lead_id or None, scores)


@router.get("/warnings/{warning_id}/actions", responses=READS)
def list_actions(request: Request, warning_id: Id, viewer: CaseReader, _query: NoQuery) -> ActionList:
    """Steps that the transition table offers this reader in the present state."""
    office = office_of(request)
    with office.engine.connect() as conn:
        row = seen(conn, viewer, warning_id)
        order = queue.order_of(conn, warning_id)
        steps = offered_now(conn, office, viewer, row, order["tier"] if order else None)
    return ActionList(actions=[action_out(step) for step in steps])


@router.get("/warnings/{warning_id}/steps", responses=READS)
def list_steps(
    request: Request, warning_id: Id, viewer: CaseReader, asked: Annotated[Paged, Query()]
) -> StepPage:
    """The history of a warning and its order, newest first."""
    with office_of(request).engine.connect() as conn:
        seen(conn, viewer, warning_id)
        ids = [warning_id, order_id_of(warning_id)]
        rows = order_queue.history(
            conn, ids, numbered(asked.after), asked.limit + 1, without=hidden_steps(viewer.access)
        )
        names = queue.names_of(conn, sorted({row["actor"] for row in rows}))
    shown = rows[: asked.limit]
    return StepPage(
        steps=[_step(row, names) for row in seen_steps(shown, viewer.access)],
        after=str(shown[-1]["id"]) if len(rows) > asked.limit else "",
    )


@router.post("/warnings/{warning_id}/steps", status_code=201, response_model=StepTaken, responses=WRITES)
def take_step(
    request: Request,
    warning_id: Id,
    body: StepBody,
    viewer: CaseReader,
    once: OnlyOnce,
    seen_before: IfMatch,
    _query: NoQuery,
) -> Response:
    """Take one step on the warning as it was read (If-Match); 412 tells who was faster and what changed."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        for named in (warning_id, body.lead_id):
            if named and not queue.sees(conn, viewer.access.rows, named):
                raise unseen()
        state = act(
            conn,
            office.clock,
            warning_id,
            body.action,
            actor_of(viewer),
            body.said(),
            expected_version=seen_before.version,
            terms=terms_of(office.content),
        )
        access = viewer.access
        now = queue.reading(conn, access.rows, warning_id, queue.last_step(hidden_steps(access)))
        version = version_read(now, sees_rechecks=access.rechecks) if now else seen_before.version + 1
        done = StepTaken(
            id=warning_id,
            action=body.action,
            state=state,
            version=version,
            visible=now is not None,
            actions=_names(offered_now(conn, office, viewer, now, now["tier"])) if now else [],
        )
        return Done(201, done, {"ETag": tag_of(version, now["seq"] if now else 0)})

    try:
        return once.run(body, work)
    except StaleVersion as error:
        with office.engine.connect() as conn:
            changed = changes_since(conn, warning_id, seen_before.seq, viewer.access)
        raise Changed(error, changed) from None


def _names(steps: Sequence[Offered]) -> list[str]:
    return [step.action for step in steps]


def action_out(step: Offered) -> ActionOut:
    """A step that is offered, as the API tells of it."""
    listed = {
        name: [ReasonCode(code=c.code, label=c.label) for c in getattr(step, name)]
        for name in ("codes", "scores")
    }
    return ActionOut(**{**vars(step), **listed})


def seen(conn: Connection, viewer: Viewer, warning_id: str) -> RowMapping:
    """The warning, or NotFound when this reader may not see it: it does not exist for him."""
    row = queue.find(conn, viewer.access.rows, warning_id)
    if row is None:
        raise unseen()
    return row


def unseen() -> NotFound:
    """The refusal of a matter that does not exist for this reader."""
    return NotFound(_("没有这条预警，或不在您的查看范围内"), hint=_("请核对编号，或从预警列表重新进入"))


def seen_with_findings(conn: Connection, viewer: Viewer, warning_id: str) -> RowMapping:
    """The same for what handlers and supervisors found; Refused to a visitor, who asks the public without knowing it."""
    row = seen(conn, viewer, warning_id)
    if not viewer.access.findings:
        raise Refused(_("回访员不看办理单位的结论"), hint=_("请按群众的说法记录回访结果"))
    return row


def _step(row: Mapping[Any, Any], names: dict[str, str]) -> StepOut:
    columns = ("id", "object_kind", "seq", "action", "from_state", "to_state", "reason", "note", "at")
    return StepOut(
        **{c: row[c] for c in columns},
        label=labels.label(labels.ACTION, row["action"]),
        actor=names.get(row["actor"], row["actor"]),
    )
