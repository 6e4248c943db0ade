"""The audit rows about issues of enterprises by their issue.

Why: the page of an issue tells what was done with it, and would read the whole log for that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "ix_audit_log_issue"


def upgrade() -> None:
    ours = sa.text("object_kind = 'enterprise_issue'")
    op.create_index(NAME, "audit_log", ["object_id", "id"], postgresql_where=ours)


def downgrade() -> None:
    op.drop_index(NAME, table_name="audit_log")
