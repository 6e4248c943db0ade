"""How many of a warning's versions were raised by steps that its unit is not to notice.

Why: a recheck is unannounced, but beginning one raised the warning's version, and with it the ETag that the unit reads.
The unit's version is now the version without these.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("warning", sa.Column("unseen", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("warning", "unseen")
