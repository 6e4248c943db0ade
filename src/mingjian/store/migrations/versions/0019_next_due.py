"""The nearest deadline of an order as a column that PostgreSQL keeps itself.

Why: a clerk with forty orders works by the clock, and the nearest deadline is that of signing, of acceptance or of the
finish, whichever the unit has not done yet. Sorting by it needs a key of its own; a generated column cannot disagree
with the three it is made from.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAME = "ix_order_next_due"
NEXT_DUE = """CASE WHEN signed_at IS NULL AND sign_due IS NOT NULL THEN sign_due
WHEN accepted_at IS NULL THEN accept_due ELSE finish_due END"""


def upgrade() -> None:
    op.add_column(
        "supervision_order",
        sa.Column("next_due", sa.DateTime(timezone=True), sa.Computed(NEXT_DUE, persisted=True)),
    )
    open_ones = sa.text("state NOT IN ('closed', 'frozen')")
    op.create_index(NAME, "supervision_order", ["next_due", "id"], postgresql_where=open_ones)


def downgrade() -> None:
    op.drop_index(NAME, table_name="supervision_order")
    op.drop_column("supervision_order", "next_due")
