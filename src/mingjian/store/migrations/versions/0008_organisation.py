"""Units that move, merge and close but keep their history; deputies, absences, on-duty lists.

Why: an order outlives the unit it was given to. A closed unit keeps its id and names its successor, what a unit was
on a past day is read from its changes, and what the pulled register said is kept beside, so that tonight's pull does
not undo what was decided here yesterday. A step taken for somebody absent says for whom.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("unit", sa.Column("charge_leader_user_id", sa.Text(), nullable=True))
    op.add_column("unit", sa.Column("opened_on", sa.Date(), nullable=True))
    op.add_column("unit", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("unit", sa.Column("successor_id", sa.Text(), nullable=True))
    op.create_foreign_key("fk_unit_successor_id_unit", "unit", "unit", ["successor_id"], ["id"])
    op.create_index("ix_unit_path", "unit", ["path"], postgresql_ops={"path": "text_pattern_ops"})
    op.create_index("ix_unit_parent", "unit", ["parent_id"])
    op.add_column("app_user", sa.Column("charge", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_user_unit", "app_user", ["unit_id"])
    op.add_column("order_step", sa.Column("on_behalf_of", sa.Text(), nullable=True))
    _changes()
    _people()


def downgrade() -> None:
    for table in ("duty", "absence", "unit_register", "unit_change"):
        op.drop_table(table)
    op.drop_column("order_step", "on_behalf_of")
    op.drop_index("ix_user_unit", table_name="app_user")
    op.drop_column("app_user", "charge")
    op.drop_index("ix_unit_parent", table_name="unit")
    op.drop_index("ix_unit_path", table_name="unit")
    for column in ("successor_id", "closed_on", "opened_on", "charge_leader_user_id"):
        op.drop_column("unit", column)


def _changes() -> None:
    op.create_table(
        "unit_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_change_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_change"),
    )
    op.create_index("ix_unit_change_unit", "unit_change", ["unit_id", "kind", "day", "id"])
    op.create_table(
        "unit_register",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("parent_since", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_register_unit_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_register"),
    )


def _people() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("deputy_id", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.CheckConstraint("user_id <> deputy_id", name="ck_absence_another"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_absence_user_id_app_user"),
        sa.ForeignKeyConstraint(["deputy_id"], ["app_user.id"], name="fk_absence_deputy_id_app_user"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_user", "absence", ["user_id", "last_day"])
    op.create_index("ix_absence_deputy", "absence", ["deputy_id", "last_day"])
    op.create_table(
        "duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("line_code", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.Integer(), server_default="127", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.CheckConstraint("(unit_id IS NULL) <> (line_code IS NULL)", name="ck_duty_unit_or_line"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="ck_duty_weekdays"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_duty_unit_id_unit"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name="fk_duty_user_id_app_user"),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
    )
    op.create_index("ix_duty_unit", "duty", ["unit_id", "first_day"])
    op.create_index("ix_duty_line", "duty", ["line_code", "first_day"])
