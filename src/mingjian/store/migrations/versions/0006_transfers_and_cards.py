"""Transfers that wait for an answer, cards, and an index on what is overdue.

Why: the unit proposed for a transfer has a clock of its own, and silence accepts; a tier of supervision gives a card;
and whoever is long overdue must be found without reading every open order.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supervision_order", sa.Column("proposed_unit_id", sa.Text(), nullable=True))
    op.add_column("supervision_order", sa.Column("answer_due", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        "fk_supervision_order_proposed_unit_id", "supervision_order", "unit", ["proposed_unit_id"], ["id"]
    )
    op.create_index(
        "ix_order_proposed",
        "supervision_order",
        ["proposed_unit_id"],
        postgresql_where=sa.text("proposed_unit_id IS NOT NULL"),
    )
    op.create_index(
        "ix_order_answer_due",
        "supervision_order",
        ["answer_due"],
        postgresql_where=sa.text("answer_due IS NOT NULL"),
    )
    op.create_index(
        "ix_order_overdue", "supervision_order", ["finish_due"], postgresql_where=sa.text("light = 'alarm'")
    )
    op.create_table(
        "card",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["supervision_order.id"], name="fk_card_order_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_card_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_card"),
        sa.UniqueConstraint("order_id", "color", name="uq_card_order_id_color"),
    )
    op.create_index("ix_card_unit", "card", ["unit_id", "issued_at"])


def downgrade() -> None:
    op.drop_table("card")
    op.drop_index("ix_order_overdue", "supervision_order")
    op.drop_index("ix_order_proposed", "supervision_order")
    op.drop_index("ix_order_answer_due", "supervision_order")
    op.drop_constraint("fk_supervision_order_proposed_unit_id", "supervision_order", type_="foreignkey")
    op.drop_column("supervision_order", "answer_due")
    op.drop_column("supervision_order", "proposed_unit_id")
