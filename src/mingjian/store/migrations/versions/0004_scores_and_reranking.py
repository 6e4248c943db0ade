"""How a run's scores were spread, and the order that verdicts give to a model's warnings.

Why: a model whose scores shift must be seen, and only the spread of each run says so when its findings are long
gone. And an order learned from verdicts stands in the queue, which pages by key: so the key is a column of its own,
made from the score and the distance that the order moves a warning. The distance is 0 until verdicts are shown to
order better, so the queue is then as it was.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

QUEUE = "ix_warning_queue"
UNIT_QUEUE = "ix_warning_unit_queue"
SHOWN = ["status", "sector", "district_code", "model"]


def upgrade() -> None:
    op.add_column(
        "model_run",
        sa.Column("score_histogram", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.create_table(
        "reranking",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("before", sa.Float(), nullable=True),
        sa.Column("after", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("model", name="pk_reranking"),
    )
    op.add_column("warning", sa.Column("chance", sa.Float(), nullable=True))
    op.add_column("warning", sa.Column("moved", sa.Integer(), server_default="0", nullable=False))
    made = sa.Computed("score * 1000000 + moved", persisted=True)
    op.add_column("warning", sa.Column("queue_key", sa.Integer(), made, nullable=False))
    _index_by("queue_key DESC")


def downgrade() -> None:
    _index_by("score DESC")
    op.drop_column("warning", "queue_key")
    op.drop_column("warning", "moved")
    op.drop_column("warning", "chance")
    op.drop_table("reranking")
    op.drop_column("model_run", "score_histogram")


def _index_by(key: str) -> None:
    """The queue's indexes in another order within the level."""
    op.drop_index(UNIT_QUEUE, table_name="warning")
    op.drop_index(QUEUE, table_name="warning")
    within: list[str | sa.TextClause] = ["level_rank", sa.text(key), "id"]
    op.create_index(QUEUE, "warning", within, postgresql_include=[*SHOWN[:3], "unit_id", SHOWN[3]])
    op.create_index(UNIT_QUEUE, "warning", ["unit_id", *within], postgresql_include=SHOWN)
