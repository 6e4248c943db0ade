"""The audit log cannot be changed: triggers refuse it, and daily anchors pin what it said.

Why: a chain tells that a row was changed, but only afterwards, and whoever can write every row can write a new
chain. So no statement of the service may change a row, whatever role it signs in with; and a small table holds, once
a day, the last row's number and hash, which are printed in the bulletin and so lie where no login reaches. The
views are made again: the bulletin counts what was closed by day.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).parents[2] / "sql" / "dash_views.sql"
TABLES = ("audit_log", "audit_anchor")
REFUSE = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'write a new row that says what was wrong';
END
$$
"""
REVOKE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingjian_service') THEN
        REVOKE ALL ON audit_log, audit_anchor FROM mingjian_service;
        GRANT SELECT, INSERT ON audit_log, audit_anchor TO mingjian_service;
    END IF;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_anchor",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_audit_anchor"),
    )
    op.execute(REFUSE)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        # ALWAYS: a session that replays as a replica is refused too.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
    op.execute(REVOKE)
    op.get_bind().exec_driver_sql(VIEWS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP VIEW dash.closed_by_day")
    op.execute("DROP TRIGGER append_only ON audit_log")
    op.drop_table("audit_anchor")
    op.execute("DROP FUNCTION audit_is_append_only()")
