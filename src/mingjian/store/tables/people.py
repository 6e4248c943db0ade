"""Units, accounts, supervision orders and the steps taken on them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mingjian.store.tables.base import STAMP, metadata

unit = Table(
    "unit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent_id", Text),
    Column("path", Text, nullable=False),  # /city/district/unit/ : subtree by prefix
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("level", Text, nullable=False),  # city | district | town | village
    Column("unit_type", Text, nullable=False, server_default="gov_dept"),
    Column("region_code", Text),
    Column("line_code", Text),
    Column("charge_leader_user_id", Text),  # 分管领导; no foreign key: users point at units already
    Column("opened_on", Date),  # NULL: before anything recorded here
    Column("closed_on", Date),  # NULL: it stands
    Column("successor_id", Text, ForeignKey("unit.id")),  # who took over its work when it closed
    Index("ix_unit_line_region", "line_code", "region_code"),
    Index("ix_unit_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    Index("ix_unit_parent", "parent_id"),
)

app_user = Table(
    "app_user",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id")),
    Column("role", Text, nullable=False),  # R1..R13 of catalogue §4.1, and LEADER
    Column("data_scope", Text, nullable=False),  # own_org | own_region | line | city
    Column("region_code", Text),
    Column("line_code", Text),
    Column("password_hash", Text),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),  # a one-time password
    Column("totp_required", Boolean, nullable=False, server_default=text("false")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("failed_logins", Integer, nullable=False, server_default="0"),
    Column("locked_until", STAMP),
    Column("charge", Text, nullable=False, server_default=""),  # 分管: what the person has charge of
    Index("ix_user_unit", "unit_id"),
)

NEXT_DUE = """CASE WHEN signed_at IS NULL AND sign_due IS NOT NULL THEN sign_due
WHEN accepted_at IS NULL THEN accept_due ELSE finish_due END"""
OPEN_ORDER = "state NOT IN ('closed', 'frozen')"  # domain.order.OVER

supervision_order = Table(
    "supervision_order",
    metadata,
    Column("id", Text, primary_key=True),
    Column("warning_id", Text, ForeignKey("warning.id"), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("unit_id", Text, ForeignKey("unit.id"), nullable=False),
    Column("state", Text, nullable=False),  # domain.order.OrderState
    Column("light", Text, nullable=False),  # domain.order.Light
    Column("light_rank", Integer, nullable=False, server_default="0"),
    Column("issued_at", STAMP, nullable=False),
    Column("accept_due", STAMP, nullable=False),
    Column("finish_due", STAMP, nullable=False),
    Column("accepted_at", STAMP),
    Column("sign_due", STAMP),  # NULL on orders issued before signing had a clock of its own
    Column("signed_at", STAMP),
    # The nearest of the unit's deadlines: `domain.order.deadline_of` says which it is.
    Column("next_due", STAMP, Computed(NEXT_DUE, persisted=True)),
    Column("proposed_unit_id", Text, ForeignKey("unit.id")),  # while a transfer waits for its answer
    Column("answer_due", STAMP),  # when silence accepts; NULL once the unit has objected
    Column("routed_why", Text, nullable=False, server_default=""),  # domain.routing.RoutingReason
    Column(
        "routed_rule", Text, nullable=False, server_default=""
    ),  # the rule's name; none where a person chose
    Column("policy_version", Integer, nullable=False, server_default="1"),
    Column("finished_at", STAMP),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    Column("calendar_version", Text, nullable=False),
    Column("next_check", STAMP),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("warning_id"),
    CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
    # Orders by the clock, whatever they are narrowed by: a page reads no more of an index than it shows.
    Index("ix_order_next_due", "next_due", "id", postgresql_where=text(OPEN_ORDER)),
    Index("ix_order_unit_due", "unit_id", "next_due", "id", postgresql_include=["warning_id", "state"]),
    Index("ix_order_state_due", "state", "next_due", "id"),
    Index("ix_order_tier_due", "tier", "next_due", "id", postgresql_where=text(f"{OPEN_ORDER} AND tier > 1")),
    Index(
        "ix_order_light_due",
        "light",
        "next_due",
        "id",
        postgresql_where=text(f"{OPEN_ORDER} AND light_rank > 1"),
    ),
    Index("ix_order_proposed", "proposed_unit_id", postgresql_where=text("proposed_unit_id IS NOT NULL")),
    Index("ix_order_answer_due", "answer_due", postgresql_where=text("answer_due IS NOT NULL")),
    Index("ix_order_overdue", "finish_due", postgresql_where=text("light = 'alarm'")),
    Index("ix_order_led", "id", postgresql_where=text("state = 'taken_over'")),
    Index("ix_order_next_check", "next_check", postgresql_where=text("next_check IS NOT NULL")),
    Index("ix_order_provisional", "id", postgresql_where=text("due_provisional")),
)

order_step = Table(
    "order_step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("object_kind", Text, nullable=False),  # warning | order
    Column("object_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),  # the absent user whose role the actor filled
    Column("note", Text, nullable=False, server_default=""),
    Column("at", STAMP, nullable=False),
    UniqueConstraint("object_kind", "object_id", "seq"),
    # The closings, found without reading every step: re-supervision asks for the new ones each day.
    Index(
        "ix_order_step_closing", "id", postgresql_where=text("action IN ('close', 'approve_fp', 'exempt')")
    ),
)
