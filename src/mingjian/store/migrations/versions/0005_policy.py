"""Supervision policies kept by version; an order's time to sign and the policy it was issued under.

Why: cities set their limits and ladders in a file. An order must be judged to its end by what held when it was issued,
so each version's text is kept, and the order says which one it stands under. Signing gets a deadline of its own.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_archive",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_used", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policy_archive"),
    )
    op.add_column("supervision_order", sa.Column("sign_due", sa.DateTime(timezone=True), nullable=True))
    op.add_column("supervision_order", sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "supervision_order", sa.Column("policy_version", sa.Integer(), server_default="1", nullable=False)
    )
    op.execute(
        """
        UPDATE supervision_order o SET signed_at = s.at
        FROM (SELECT object_id, min(at) AS at FROM order_step
              WHERE object_kind = 'warning' AND action = 'sign' GROUP BY object_id) s
        WHERE s.object_id = o.warning_id
        """
    )


def downgrade() -> None:
    op.drop_column("supervision_order", "policy_version")
    op.drop_column("supervision_order", "signed_at")
    op.drop_column("supervision_order", "sign_due")
    op.drop_table("policy_archive")
