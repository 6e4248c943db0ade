"""What the API needs: versions of warnings, kept answers, attachments, webhooks, and duplicates merged into a lead.

Why: two officers who act on one reading must not overwrite each other, so a warning has a version as its order has. A
write that is sent again must not be done again, so its answer is kept. Evidence files and the systems to be told have
rows of their own. A duplicate ends in a state of its own, so the views that say what is open are made anew.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[2] / "sql" / "dash_views.sql"
JSONB = postgresql.JSONB(astext_type=sa.Text())
STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("warning", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("warning", sa.Column("merged_into", sa.Text(), nullable=True))
    op.create_index(
        "ix_warning_merged",
        "warning",
        ["merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("ix_order_due", "supervision_order", ["finish_due", "id"])
    _idempotency()
    _attachment()
    _webhook()
    op.get_bind().exec_driver_sql(VIEWS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.drop_table("webhook")
    op.drop_table("attachment")
    op.drop_table("idempotency")
    op.drop_index("ix_order_due", table_name="supervision_order")
    op.drop_index("ix_warning_merged", table_name="warning")
    op.drop_column("warning", "merged_into")
    op.drop_column("warning", "version")


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_age", "idempotency", ["user_id", "at"])


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("phash", sa.BigInteger(), nullable=True),
        sa.Column("like", JSONB, server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_attachment_warning_id_warning"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index("ix_attachment_warning", "attachment", ["warning_id", "at", "id"])
    op.create_index(
        "ix_attachment_phash",
        "attachment",
        ["phash"],
        postgresql_include=["warning_id", "id"],
        postgresql_where=sa.text("phash IS NOT NULL"),
    )


def _webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", JSONB, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["app_user.id"], name="fk_webhook_owner_app_user"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_owner", "webhook", ["owner", "id"])
