"""What became of units, what the pulled register says of them, who is absent, who is on duty."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)

from mingjian.store.tables.base import STAMP, metadata

unit_change = Table(
    "unit_change",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit_id", Text, ForeignKey("unit.id"), nullable=False),
    Column("kind", Text, nullable=False),  # domain.unit.ChangeKind
    Column("day", Date, nullable=False),  # from this day on
    Column("before", Text),  # moved: the parent; renamed: the name
    Column("after", Text),  # moved, opened: the parent; renamed: the name; merged: the successor
    Column("document", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False),
    Column("at", STAMP, nullable=False),
    Index("ix_unit_change_unit", "unit_id", "kind", "day", "id"),
)

# What the pulled register last said of a unit, and since when: so a later change made here is told from news.
unit_register = Table(
    "unit_register",
    metadata,
    Column("unit_id", Text, ForeignKey("unit.id"), primary_key=True),
    Column("parent_id", Text),
    Column("parent_since", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_since", Date, nullable=False),
)

absence = Table(
    "absence",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("user_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("deputy_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),  # moved forward when it ends early
    Column("reason", Text, nullable=False),  # domain.unit.AbsenceReason
    Column("actor", Text, nullable=False),
    Column("created_at", STAMP, nullable=False),
    CheckConstraint("user_id <> deputy_id", name="another"),
    Index("ix_absence_user", "user_id", "last_day"),
    Index("ix_absence_deputy", "deputy_id", "last_day"),
)

duty = Table(
    "duty",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit_id", Text, ForeignKey("unit.id")),
    Column("line_code", Text),
    Column("user_id", Text, ForeignKey("app_user.id"), nullable=False),
    Column("role", Text, nullable=False),  # the role filled on these days
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),  # NULL: until further notice
    Column("weekdays", Integer, nullable=False, server_default="127"),  # bit 0 is Monday
    Column("actor", Text, nullable=False),
    Column("created_at", STAMP, nullable=False),
    CheckConstraint("(unit_id IS NULL) <> (line_code IS NULL)", name="unit_or_line"),
    CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
    Index("ix_duty_unit", "unit_id", "first_day"),
    Index("ix_duty_line", "line_code", "first_day"),
)
