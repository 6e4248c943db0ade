"""How a message leaves: its channel and address, its next try, who is sending it now, and what became of it.

Why: a message that fails must be tried again later and not at once, one that will never arrive must be seen, and
several that tell one unit of one day's delay must leave as one. A sender holds a message by a lease instead of a lock,
so a slow gateway holds up nobody and a killed sender's messages come free by themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)
WAITS = "sent_at IS NULL AND dead_at IS NULL AND digest_id IS NULL"
MOST_ATTEMPTS = 10  # as often as a message was tried before this version
ADDED = (
    "contact_id",
    "routed_at",
    "next_try",
    "claimed_by",
    "claimed_until",
    "dead_at",
    "digest_id",
    "reason",
)


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changed_at", STAMP, nullable=False),
        sa.CheckConstraint("owner_kind IN ('unit','user')", name=op.f("ck_contact_owner_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.UniqueConstraint("owner_kind", "owner_id", "channel", "address", name="uq_contact_address"),
    )
    op.create_index(
        "ix_contact_owner", "contact", ["owner_id", "channel"], postgresql_where=sa.text("active")
    )
    _new_columns()
    _indexes()


def _new_columns() -> None:
    op.add_column("outbox", sa.Column("contact_id", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("routed_at", STAMP, nullable=True))
    op.add_column("outbox", sa.Column("next_try", STAMP, nullable=True))
    op.add_column("outbox", sa.Column("claimed_by", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("claimed_until", STAMP, nullable=True))
    op.add_column("outbox", sa.Column("dead_at", STAMP, nullable=True))
    op.add_column("outbox", sa.Column("digest_id", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("reason", sa.Text(), server_default="waiting", nullable=False))
    op.execute("UPDATE outbox SET routed_at = created_at, next_try = created_at")
    op.execute("UPDATE outbox SET reason = 'sent' WHERE sent_at IS NOT NULL")
    op.execute(
        "UPDATE outbox SET reason = 'exhausted', dead_at = created_at"
        f" WHERE sent_at IS NULL AND attempts >= {MOST_ATTEMPTS}"
    )
    op.alter_column("outbox", "next_try", nullable=False)
    op.create_foreign_key("fk_outbox_contact_id_contact", "outbox", "contact", ["contact_id"], ["id"])
    op.create_foreign_key("fk_outbox_digest_id_outbox", "outbox", "outbox", ["digest_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_outbox_one_end"), "outbox", "num_nonnulls(sent_at, dead_at, digest_id) <= 1"
    )


def _indexes() -> None:
    op.create_index("ix_outbox_unrouted", "outbox", ["id"], postgresql_where=sa.text("routed_at IS NULL"))
    op.create_index("ix_outbox_due", "outbox", ["channel", "next_try", "id"], postgresql_where=sa.text(WAITS))
    op.create_index("ix_outbox_dead", "outbox", ["id"], postgresql_where=sa.text("dead_at IS NOT NULL"))
    op.create_index(
        "ix_outbox_digest", "outbox", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL")
    )


def downgrade() -> None:
    """A message that stands in a digest counts as sent with it; what is not yet routed leaves as a file."""
    op.drop_constraint(op.f("ck_outbox_one_end"), "outbox")
    op.execute(
        "UPDATE outbox SET sent_at = d.sent_at FROM outbox d"
        " WHERE d.id = outbox.digest_id AND d.sent_at IS NOT NULL AND outbox.sent_at IS NULL"
    )
    op.execute("UPDATE outbox SET channel = 'file' WHERE channel = ''")
    for name in ("ix_outbox_unrouted", "ix_outbox_due", "ix_outbox_dead", "ix_outbox_digest"):
        op.drop_index(name, table_name="outbox")
    for name in ADDED:
        op.drop_column("outbox", name)
    op.drop_table("contact")
