"""Sessions, second factors and API tokens as rows.

Why: a signed cookie alone is good until it expires, whoever holds it; as a row a session can be ended by its user, by
an administrator, by a new password or by time. A one-time password must be changed before anything else is reachable,
which the account has to remember. Programs sign in with tokens of their own, limited and revocable, so that nobody
writes a person's password into a script.

What a page hides is shown on request, to one person, for hours, after a second person agreed; the vault keeps what a
token stands for as ciphertext, since the token itself leads nowhere.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("must_change", "totp_required"):
        no = sa.text("false")
        op.add_column("app_user", sa.Column(name, sa.Boolean(), server_default=no, nullable=False))
    op.create_table(
        "user_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("begun", STAMP, nullable=False),
        sa.Column("last_seen", STAMP, nullable=False),
        sa.Column("ended", STAMP, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_user_session_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
    )
    op.create_index("ix_user_session_user_id_begun", "user_session", ["user_id", "begun"])
    op.create_index(
        "ix_user_session_open", "user_session", ["user_id"], postgresql_where=sa.text("ended IS NULL")
    )
    op.create_table(
        "user_factor",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("asked_at", STAMP, nullable=False),
        sa.Column("confirmed_at", STAMP, nullable=True),
        sa.Column("last_counter", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_user_factor_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("used_at", STAMP, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_recovery_code_user_id"),
        sa.PrimaryKeyConstraint("user_id", "hash", name="pk_recovery_code"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("expires_at", STAMP, nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.Column("revoked_at", STAMP, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_api_token_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("hash", name="uq_api_token_hash"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    _unmasking()


def _unmasking() -> None:
    op.create_table(
        "unmask_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("warning_id", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sight", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("asked_at", STAMP, nullable=False),
        sa.Column("approver_id", sa.Text(), nullable=True),
        sa.Column("decided_at", STAMP, nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("expires_at", STAMP, nullable=True),
        sa.CheckConstraint("hours BETWEEN 1 AND 24", name="ck_unmask_request_hours"),
        sa.CheckConstraint("approver_id <> user_id", name="ck_unmask_request_second_person"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_unmask_request_user_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["app_user.id"], name="fk_unmask_request_approver_id"),
        sa.ForeignKeyConstraint(["warning_id"], ["warning.id"], name="fk_unmask_request_warning_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unmask_request"),
    )
    undecided = sa.text("decided_at IS NULL")
    op.create_index("ix_unmask_request_open", "unmask_request", ["asked_at"], postgresql_where=undecided)
    op.create_index("ix_unmask_request_user_id_warning_id", "unmask_request", ["user_id", "warning_id"])
    op.create_table(
        "vault",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_vault"),
    )


def downgrade() -> None:
    for table in ("vault", "unmask_request"):
        op.drop_table(table)
    for table in ("api_token", "recovery_code", "user_factor", "user_session"):
        op.drop_table(table)
    op.drop_column("app_user", "totp_required")
    op.drop_column("app_user", "must_change")
