"""What people set: parameter overrides, exceptions, snoozes; and the alert budget a warning takes from.

Why: a threshold that differs in one district, and a matter that is to stay silent for a while, are decisions of
people with a date and a reason; they must outlive the run and be seen beside the warnings they change.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[2] / "sql" / "dash_views.sql"
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "param_override",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_param_override"),
    )
    op.create_table(
        "listed_exception",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listed_exception"),
    )
    op.create_table(
        "snooze",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_snooze_warning_id_warning"),
        sa.PrimaryKeyConstraint("id", name="pk_snooze"),
    )
    op.add_column("warning", sa.Column("budget_unit", sa.Text(), nullable=True))
    op.add_column("warning", sa.Column("admitted_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_warning_budget",
        "warning",
        ["budget_unit", "admitted_on", "status"],
        postgresql_where=sa.text("budget_unit IS NOT NULL"),
    )
    op.add_column(
        "warning_decision",
        sa.Column("detail", JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.get_bind().exec_driver_sql(VIEWS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.drop_column("warning_decision", "detail")
    op.drop_index("ix_warning_budget", table_name="warning")
    op.drop_column("warning", "admitted_on")
    op.drop_column("warning", "budget_unit")
    op.drop_table("snooze")
    op.drop_table("listed_exception")
    op.drop_table("param_override")
