"""What the public and the supervisor say of a result, each try a row; appeals against what was decided.

Why: whether a matter may be closed, goes back or is contacted again follows from both sides together, and what is looked
at again from what the public said last; words in a step's reason could not carry that. A matter closed with an
explanation (`exempt`) is a closing of its own, so the index of closings is made anew. An appeal has a road, a deadline and
an office of its own, and goes on while its matter stands still. Leaders are asked for a step each week, so the few orders
that they have are found by an index. Issues of enterprises are no warnings: no model saw them, and they have promises, not limits.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
STAMP = sa.DateTime(timezone=True)
CLOSINGS = "action IN ('close', 'approve_fp', 'exempt')"
CLOSINGS_BEFORE = "action IN ('close', 'approve_fp')"


def upgrade() -> None:
    _evaluation()
    _appeal()
    _enterprise_issue()
    _closings(CLOSINGS)
    op.create_index(
        "ix_order_led", "supervision_order", ["id"], postgresql_where=sa.text("state = 'taken_over'")
    )


def downgrade() -> None:
    op.drop_index("ix_order_led", table_name="supervision_order")
    _closings(CLOSINGS_BEFORE)
    op.drop_table("enterprise_issue")
    op.drop_table("appeal")
    op.drop_table("evaluation")


def _closings(which: str) -> None:
    op.drop_index("ix_order_step_closing", table_name="order_step")
    op.create_index("ix_order_step_closing", "order_step", ["id"], postgresql_where=sa.text(which))


def _evaluation() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("scores", JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("respondent", sa.Text(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("second_contact_due", STAMP, nullable=True),
        sa.Column("at", STAMP, nullable=False),
        sa.CheckConstraint("side IN ('public', 'supervisor')", name=op.f("ck_evaluation_side")),
        sa.CheckConstraint("contact IN (1, 2)", name=op.f("ck_evaluation_contact")),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_evaluation_warning_id_warning"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_evaluation_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation"),
        sa.UniqueConstraint(
            "warning_id", "round", "side", "attempt", name="uq_evaluation_warning_id_round_side_attempt"
        ),
    )
    op.create_index("ix_evaluation_unit", "evaluation", ["unit_id", "at"])


def _appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("step_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", STAMP, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("due_at", STAMP, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", STAMP, nullable=True),
        sa.Column("overdue_at", STAMP, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name=op.f("ck_appeal_outcome")),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_appeal_warning_id_warning"),
        sa.ForeignKeyConstraint(["step_id"], ["order_step.id"], name="fk_appeal_step_id_order_step"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_appeal_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
    )
    op.create_index("ix_appeal_warning", "appeal", ["warning_id", "id"])
    op.create_index(
        "uq_appeal_unit", "appeal", ["step_id"], unique=True, postgresql_where=sa.text("party = 'unit'")
    )
    op.create_index(
        "ix_appeal_due",
        "appeal",
        ["due_at"],
        postgresql_where=sa.text("state IN ('filed', 'accepted') AND overdue_at IS NULL"),
    )


def _enterprise_issue() -> None:
    op.create_table(
        "enterprise_issue",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("collected_by", sa.Text(), nullable=False),
        sa.Column("collected_at", STAMP, nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("leader_user_id", sa.Text(), nullable=True),
        sa.Column("assigned_at", STAMP, nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pressed_at", STAMP, nullable=True),
        sa.Column("raised_at", STAMP, nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", STAMP, nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", STAMP, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'collected') = (level IS NULL)", name=op.f("ck_enterprise_issue_level")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_enterprise_issue_closed")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_enterprise_issue_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_issue"),
    )
    op.create_index("ix_enterprise_issue_quarter", "enterprise_issue", ["quarter", "district_code", "id"])
    op.create_index("ix_enterprise_issue_unit", "enterprise_issue", ["unit_id", "id"])
    op.create_index(
        "ix_enterprise_issue_promised",
        "enterprise_issue",
        ["promised_on"],
        postgresql_where=sa.text("state = 'assigned' AND level = 'department'"),
    )
