"""By when a part or a follow-up of the evaluation is due, found by the sweep.

Why: nothing watched these two deadlines. The decision between explaining and rework had none on its row, so the column
of the second contact now holds either. A matter that waited for that decision before has no day, and is not reminded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PART, FOLLOW_UP = "ix_co_handler_due", "ix_evaluation_due"


def upgrade() -> None:
    op.alter_column("evaluation", "second_contact_due", new_column_name="due")
    op.create_index(FOLLOW_UP, "evaluation", ["due"], postgresql_where=sa.text("due IS NOT NULL"))
    op.create_index(PART, "co_handler", ["due"], postgresql_where=sa.text("state = 'asked'"))


def downgrade() -> None:
    op.drop_index(PART, "co_handler")
    op.drop_index(FOLLOW_UP, "evaluation")
    op.alter_column("evaluation", "due", new_column_name="second_contact_due")
