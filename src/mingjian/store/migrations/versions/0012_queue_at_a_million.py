"""Indexes for a queue of a million open orders.

Why: a page filtered by model or district walked the whole queue until it had found fifty rows, so its time grew with
the store; now each of these filters, alone and together, has the queue's order in an index of its own. Dispatch and
the settling of provisional deadlines look only at what still waits, so their indexes hold nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY: list[str | sa.TextClause] = ["level_rank", sa.text("queue_key DESC"), "id"]
MODEL_QUEUE = "ix_warning_model_queue"
DISTRICT_QUEUE = "ix_warning_district_queue"
BOTH_QUEUE = "ix_warning_district_model_queue"
UNDISPATCHED = "ix_warning_undispatched"
PROVISIONAL = "ix_order_provisional"


def upgrade() -> None:
    rest = ["status", "sector", "unit_id"]
    op.create_index(MODEL_QUEUE, "warning", ["model", *KEY], postgresql_include=[*rest, "district_code"])
    op.create_index(DISTRICT_QUEUE, "warning", ["district_code", *KEY], postgresql_include=[*rest, "model"])
    op.create_index(BOTH_QUEUE, "warning", ["district_code", "model", *KEY], postgresql_include=rest)
    op.create_index(
        UNDISPATCHED, "warning", ["sector", "id"], postgresql_where=sa.text("status IN ('new', 'triaged')")
    )
    op.create_index(PROVISIONAL, "supervision_order", ["id"], postgresql_where=sa.text("due_provisional"))


def downgrade() -> None:
    op.drop_index(PROVISIONAL, table_name="supervision_order")
    for name in (UNDISPATCHED, BOTH_QUEUE, DISTRICT_QUEUE, MODEL_QUEUE):
        op.drop_index(name, table_name="warning")
