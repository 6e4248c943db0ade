"""The `dash` schema: documented views of the figures, and the role that reads them and nothing else.

Why: dashboards and the leadership page must show the same figures, and may see aggregates only. The SQL
stands in `store/sql/dash_views.sql` because views hold no data: the file drops and makes all of them, so it
reads as one piece, and a later change edits it and adds a migration that runs it again.
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[2] / "sql" / "dash_views.sql"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(VIEWS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP SCHEMA dash CASCADE")
