"""Routing: how an order's unit was found, units that handle it together, and campaigns with their cases.

Why: whoever reads an order must see by which rule it came to its unit. Co-handling units have a part of their own with a
deadline and an answer, beside the lead's order. The same matter in many districts gets one order top-down, which is
closed only when each listed case was called back, so the cases have rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("routed_why", "routed_rule"):
        op.add_column("supervision_order", sa.Column(name, sa.Text(), server_default="", nullable=False))
    _co_handler()
    _campaign()
    _campaign_case()


def downgrade() -> None:
    op.drop_table("campaign_case")
    op.drop_table("campaign")
    op.drop_table("co_handler")
    for name in ("routed_rule", "routed_why"):
        op.drop_column("supervision_order", name)


def _co_handler() -> None:
    op.create_table(
        "co_handler",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", STAMP, nullable=False),
        sa.Column("due", STAMP, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", STAMP, nullable=True),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", STAMP, nullable=True),
        sa.Column("ended_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(state = 'released') = (ended_at IS NOT NULL)", name=op.f("ck_co_handler_ended")),
        sa.CheckConstraint(
            "state <> 'reported' OR answered_at IS NOT NULL", name=op.f("ck_co_handler_answered")
        ),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_co_handler_warning_id_warning"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_co_handler_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_co_handler"),
    )
    op.create_index(
        "ix_co_handler_once",
        "co_handler",
        ["warning_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'released'"),
    )
    op.create_index("ix_co_handler_unit", "co_handler", ["unit_id", "state", "asked_at"])


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("least_districts", sa.Integer(), nullable=True),
        sa.Column("opened_at", STAMP, nullable=False),
        sa.Column("plan_due", STAMP, nullable=False),
        sa.Column("finish_due", STAMP, nullable=False),
        sa.Column("closed_at", STAMP, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_campaign_closed")),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_campaign_warning_id_warning"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("warning_id", name="uq_campaign_warning_id"),
    )
    op.create_index(
        "ix_campaign_open", "campaign", ["matter"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_campaign_page", "campaign", ["opened_at", "id"])


def _campaign_case() -> None:
    op.create_table(
        "campaign_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column("added_at", STAMP, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("tried_by", sa.Text(), nullable=True),
        sa.Column("tried_at", STAMP, nullable=True),
        sa.Column("called_back_at", STAMP, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_case_campaign_id_campaign"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_case"),
        sa.UniqueConstraint(
            "campaign_id", "kind", "case_id", name="uq_campaign_case_campaign_id_kind_case_id"
        ),
    )
    op.create_index(
        "ix_campaign_case_open",
        "campaign_case",
        ["campaign_id", "id"],
        postgresql_where=sa.text("called_back_at IS NULL"),
    )
    op.create_index("ix_campaign_case_page", "campaign_case", ["campaign_id", "id"])
