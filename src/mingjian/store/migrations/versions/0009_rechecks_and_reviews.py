"""Re-supervision of closed matters, and what verdicts say of models.

Why: whether people look at a closed matter again is drawn, so the decision is kept with its draw, its chance and the
month whose recorded seed it came from: anybody can draw again. A check is a row of its own, because a serious matter
is looked at twice. Reviews of subjects that no model flagged tell what is missed; a proposal to take a model back to
shadow waits for a person, and only the accepted one becomes a status that detection honours.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "monthly_seed",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("made_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("purpose", "month", name="pk_monthly_seed"),
    )
    closings = sa.text("action IN ('close', 'approve_fp')")
    op.create_index("ix_order_step_closing", "order_step", ["id"], postgresql_where=closings)
    _plans()
    _checks()
    _reviews()
    _proposals()


def downgrade() -> None:
    for name in (
        "status_override",
        "shadow_proposal",
        "review_task",
        "review_draw",
        "recheck_check",
        "recheck_plan",
        "monthly_seed",
    ):
        op.drop_table(name)
    op.drop_index("ix_order_step_closing", table_name="order_step")


def _plans() -> None:
    op.create_table(
        "recheck_plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("draw", sa.Float(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("closed_at", STAMP, nullable=False),
        sa.Column("decided_at", STAMP, nullable=False),
        sa.Column("watch_until", sa.Date(), nullable=False),
        sa.Column("rerun", sa.Text(), nullable=False),
        sa.Column("rerun_as_of", sa.Date(), nullable=True),
        sa.Column("rerun_detail", JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_recheck_plan_warning_id"),
        sa.ForeignKeyConstraint(["closing"], ["order_step.id"], name="fk_recheck_plan_closing"),
        sa.PrimaryKeyConstraint("id", name="pk_recheck_plan"),
        sa.UniqueConstraint("closing", name="uq_recheck_plan_closing"),
    )
    op.create_index("ix_recheck_plan_warning", "recheck_plan", ["warning_id"])
    op.create_index("ix_recheck_plan_unit", "recheck_plan", ["unit_id", "closed_at"])
    op.create_index("ix_recheck_plan_watch", "recheck_plan", ["rerun", "watch_until"])


def _checks() -> None:
    op.create_table(
        "recheck_check",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("methods", JSONB, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", STAMP, nullable=True),
        sa.Column("result_due", STAMP, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("finding", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("done_at", STAMP, nullable=True),
        sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result"),
        sa.ForeignKeyConstraint(["plan_id"], ["recheck_plan.id"], name="fk_recheck_check_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "n", name="pk_recheck_check"),
    )
    op.create_index("ix_recheck_check_due", "recheck_check", ["state", "due_on"])


def _reviews() -> None:
    op.create_table(
        "review_draw",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("source_table", sa.Text(), server_default="", nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("population", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("flagged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("drawn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drawn_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("model", "month", name="pk_review_draw"),
    )
    op.create_table(
        "review_task",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("decided_at", STAMP, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_review_task"),
        sa.UniqueConstraint(
            "model",
            "month",
            "subject_kind",
            "subject_id",
            name="uq_review_task_model_month_subject_kind_subject_id",
        ),
    )
    open_ = sa.text("verdict IS NULL")
    op.create_index("ix_review_task_open", "review_task", ["id"], postgresql_where=open_)


def _proposals() -> None:
    op.create_table(
        "shadow_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("proposed_at", STAMP, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", STAMP, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_proposal"),
    )
    op.create_index(
        "ix_shadow_proposal_open",
        "shadow_proposal",
        ["model", "model_version"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "status_override",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["shadow_proposal.id"], name="fk_status_override_proposal_id"
        ),
        sa.PrimaryKeyConstraint("model", "model_version", name="pk_status_override"),
    )
