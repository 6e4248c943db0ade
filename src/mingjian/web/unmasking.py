"""Seeing what a page hides: asked by one person, allowed by another, shown for hours on one warning, each look audited."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import RowMapping

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.unmask import (
    MAY_ASK,
    Asked,
    Field,
    Purpose,
    Refusal,
    Sight,
    refuse_asking,
    refuse_deciding,
)
from mingjian.store import queue, unmasking
from mingjian.store.unmasking import Grant
from mingjian.web.errors import BadRequest
from mingjian.web.masking import Masker, Shown, tokens_in
from mingjian.web.viewer import Office, Viewer


@dataclass(frozen=True)
class Wanted:
    """What the form of a request says."""

    fields: list[str]
    sight: int
    purpose: str
    reason: str
    hours: int


@dataclass(frozen=True)
class Standing:
    """How it stands with one reader and one warning: what was granted, or what waits, or neither."""

    may_ask: bool
    grant: Grant | None
    waiting: RowMapping | None


def unmasked(office: Office, viewer: Viewer, warning_id: str) -> tuple[Viewer, Standing]:
    """The reader with what an approved request shows of this warning, and how it stands. A look is audited here.

    Nothing is read, and nothing audited, for a warning the reader does not see.
    """
    now, user = office.clock.now(), viewer.user
    with office.engine.begin() as conn:
        grant = unmasking.granted(conn, now, user.id, warning_id)
        waiting = None if grant else unmasking.waiting(conn, now, user.id, warning_id)
        standing = Standing(viewer.access.unmask, grant, waiting)
        row = queue.find(conn, viewer.access.rows, warning_id) if grant else None
        if grant is None or row is None or user.role not in MAY_ASK:
            return viewer, replace(standing, grant=None)
        originals = office.vault.read_many(conn, _tokens(row)) if Field.IDENTITY in grant.fields else {}
        unmasking.note_view(conn, now, user.id, warning_id, grant)
    shown = Shown(grant.sight, grant.fields, originals)
    return replace(viewer, masker=Masker(office.content, viewer.access, shown)), standing


def ask(office: Office, viewer: Viewer, warning_id: str, wanted: Wanted) -> str:
    """Put a request on a warning the reader sees; returns its id. NotFound, BadRequest or TransitionError else."""
    now, user = office.clock.now(), viewer.user
    with office.engine.begin() as conn:
        if queue.find(conn, viewer.access.rows, warning_id) is None:
            raise _not_found()
        fields, sight, purpose = _read(wanted)
        refusal = refuse_asking(Role(user.role), fields, wanted.reason, wanted.hours)
        if unmasking.granted(conn, now, user.id, warning_id) or unmasking.waiting(
            conn, now, user.id, warning_id
        ):
            refusal = refusal or Refusal.ASKED_ALREADY
        _raise(refusal)
        return unmasking.ask(
            conn,
            now,
            user.id,
            warning_id,
            fields=fields,
            sight=sight,
            purpose=purpose,
            reason=wanted.reason.strip(),
            hours=wanted.hours,
        )


def decide(office: Office, viewer: Viewer, request_id: str, *, approve: bool, reason: str) -> None:
    """Decide as the second person. A request on a warning the approver does not see is not found."""
    now, user = office.clock.now(), viewer.user
    with office.engine.begin() as conn:
        row = unmasking.hold(conn, request_id)
        if row is None or queue.find(conn, viewer.access.rows, row["warning_id"]) is None:
            raise _not_found()
        asked = Asked(row["user_id"], Sight(row["sight"]), row["asked_at"], row["decided_at"])
        _raise(refuse_deciding(asked, user.id, Role(user.role), now, reason))
        unmasking.decide(conn, now, row, user.id, approve=approve, reason=reason.strip())


def _read(wanted: Wanted) -> tuple[list[Field], Sight, Purpose]:
    try:
        fields = [Field(name) for name in wanted.fields]
        return fields, Sight(wanted.sight), Purpose(wanted.purpose)
    except ValueError:
        raise BadRequest(_("请求中有无法识别的内容"), hint=_("返回上一页，刷新后重试")) from None


def _tokens(row: RowMapping) -> set[str]:
    """Every token that the warning's page may show."""
    values = [row["subject_id"], *row["measures"].values()]
    for item in row["evidence"]:
        key = item["key"] if isinstance(item["key"], dict) else {}
        values += [*key.values(), *item["row"].values()]
    return tokens_in(values)


def _raise(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise TransitionError(refusal.message, hint=_("返回上一页修改，或请有权限的同事办理"))


def _not_found() -> NotFound:
    return NotFound(_("没有这份申请或这条预警，或不在您的查看范围内"), hint=_("请从列表重新进入"))
