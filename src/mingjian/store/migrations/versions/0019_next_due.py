"""The nearest deadline of an order as a column that PostgreSQL keeps itself, and the orders by it.

Why: a clerk with forty orders works by the clock, and the nearest deadline is that of signing, of acceptance or of the
finish, whichever the unit has not done yet. Sorting by it needs a key of its own; a generated column cannot disagree
with the three it is made from. The indexes by the finish alone go: closed orders stood first in them, and a page of a
tier or a state that is rare read the whole index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE = "supervision_order"
NEXT_DUE = """CASE WHEN signed_at IS NULL AND sign_due IS NOT NULL THEN sign_due
WHEN accepted_at IS NULL THEN accept_due ELSE finish_due END"""
OPEN = "state NOT IN ('closed', 'frozen')"
BY_DUE = {
    "ix_order_next_due": ((), OPEN),
    "ix_order_unit_due": (("unit_id",), None),
    "ix_order_state_due": (("state",), None),
    "ix_order_tier_due": (("tier",), f"{OPEN} AND tier > 1"),
    "ix_order_light_due": (("light",), f"{OPEN} AND light_rank > 1"),
}


def upgrade() -> None:
    op.add_column(
        TABLE, sa.Column("next_due", sa.DateTime(timezone=True), sa.Computed(NEXT_DUE, persisted=True))
    )
    for name, (first, where) in BY_DUE.items():
        only = sa.text(where) if where else None
        # A unit's orders are sorted whole: with these two the index alone tells which are open, and of which warning.
        more = ["warning_id", "state"] if first == ("unit_id",) else None
        columns = [*first, "next_due", "id"]
        op.create_index(name, TABLE, columns, postgresql_where=only, postgresql_include=more)
    op.drop_index("ix_order_due", table_name=TABLE)
    op.drop_index("ix_order_unit_queue", table_name=TABLE)


def downgrade() -> None:
    op.create_index("ix_order_unit_queue", TABLE, ["unit_id", "state", "finish_due", "id"])
    op.create_index("ix_order_due", TABLE, ["finish_due", "id"])
    for name in BY_DUE:
        op.drop_index(name, table_name=TABLE)
    op.drop_column(TABLE, "next_due")
