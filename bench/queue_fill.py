"""A city's queue of any size, made inside PostgreSQL: units, warnings, open orders, their steps and letters.

Every column is drawn from a hash of the row's number, so two fills are the same and columns do not follow each other.
One order in a hundred is due at `NOW`: half were not accepted in time, half were not finished in time.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, text

from mingjian.domain.clock import CITY_TZ

NOW = datetime(2026, 6, 17, 19, tzinfo=CITY_TZ)  # a Wednesday, an hour after the limits of the day
UNITS = 2_500
DISTRICTS = 10
MODELS = 30
LINES = 25
SECTORS = ("subsidy", "realty", "utility")

# What happened to a warning on its way to each state, in order: (action, from, to, who).
_ROAD = (
    ("dispatch", "triaged", "dispatched"),
    ("sign", "dispatched", "signed"),
    ("accept", "signed", "accepted"),
    ("start_verifying", "accepted", "verifying"),
    ("confirm", "verifying", "confirmed"),
    ("plan", "confirmed", "rectifying"),
    ("report", "rectifying", "reported"),
    ("accept_report", "reported", "evaluating"),
)
# Of a hundred open orders: state of the warning, state of the order, how many, steps of the road behind it.
_STATES = (
    ("dispatched", "issued", 22, 1),
    ("signed", "signed", 12, 2),
    ("accepted", "accepted", 16, 3),
    ("verifying", "verifying", 22, 4),
    ("confirmed", "planning", 5, 5),
    ("rectifying", "rectifying", 16, 6),
    ("reported", "reported", 4, 7),
    ("evaluating", "evaluating", 3, 8),
)


def fill(engine: Engine, orders: int) -> None:
    """Fill an empty, migrated store with `orders` open orders, then ANALYZE."""
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL synchronous_commit = off"))
        _units(conn)
        _places(conn)
        _warnings(conn, 1, orders, "ordered")
        _orders(conn)
        _steps(conn)
        _letters(conn)
    settle(engine)


def add_triaged(engine: Engine, first: int, count: int) -> None:
    """Add `count` triaged warnings of the first sector that wait for dispatch, numbered from `first`."""
    with engine.begin() as conn:
        _warnings(conn, first, count, "triaged")
        conn.execute(
            text(
                "INSERT INTO order_step (object_kind, object_id, seq, action, from_state, to_state, actor, at)"
                " SELECT 'warning', id, 1, 'triage', 'new', 'triaged', 'bench', :now"
                " FROM warning WHERE status = 'triaged'"
            ),
            {"now": NOW},
        )
    settle(engine)


def settle(engine: Engine) -> None:
    """What autovacuum does in a quiet hour, so that no measurement pays for the fill."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
        conn.execute(text("CHECKPOINT"))


def _drawn(salt: int, below: int, number: str = "n") -> str:
    return f"(hashint8extended({number}, {salt}) & 9007199254740991) % {below}"


def _units(conn: Connection) -> None:
    """One city, its districts, and the rest departments: 2,500 in all, each with a line of business."""
    conn.execute(
        text(f"""
        INSERT INTO unit (id, parent_id, path, name, level, unit_type, region_code, line_code)
        SELECT 'city', NULL, '/city/', '青城市', 'city', 'gov_office', '150100', NULL
        UNION ALL
        SELECT 'd' || d, 'city', '/city/d' || d || '/', '第' || d || '区', 'district', 'gov_office',
               (150101 + d)::text, NULL FROM generate_series(1, {DISTRICTS}) d
        UNION ALL
        SELECT 'u' || n, 'd' || d, '/city/d' || d || '/u' || n || '/', '第' || d || '区单位' || n, 'district',
               'gov_dept', (150101 + d)::text, 'line' || {_drawn(1, LINES)}
        FROM (SELECT n::bigint, 1 + n % {DISTRICTS} AS d
              FROM generate_series(1, {UNITS - DISTRICTS - 1}) n) numbered
        """)
    )


def _places(conn: Connection) -> None:
    """Where a number drawn from 0 to 99 leads: the states of a hundred orders."""
    conn.execute(
        text(
            "CREATE TEMP TABLE place (drawn int PRIMARY KEY, status text, state text, depth int) ON COMMIT DROP"
        )
    )
    spread = [(s, o, d) for s, o, many, d in _STATES for _ in range(many)]
    rows = [{"n": n, "s": s, "o": o, "d": d} for n, (s, o, d) in enumerate(spread)]
    conn.execute(text("INSERT INTO place VALUES (:n, :s, :o, :d)"), rows)


def _warnings(conn: Connection, first: int, count: int, kind: str) -> None:
    triaged = kind == "triaged"
    status = "'triaged'" if triaged else f"(SELECT status FROM place WHERE drawn = {_drawn(2, 100)})"
    unit = "NULL" if triaged else "'u' || u"
    sector = f"'{SECTORS[0]}'" if triaged else f"(ARRAY{list(SECTORS)})[1 + m % {len(SECTORS)}]"
    conn.execute(
        text(f"""
        INSERT INTO warning (id, fingerprint, model, model_version, model_hash, sector, subject_kind, subject_id,
            bundle, period, region_code, district_code, owner, unit_id, level, level_rank, score, score_parts,
            amount, measures, evidence, params, lake, explanation, digest, reason, status, first_seen, last_seen,
            created_at)
        SELECT 'W' || lpad(n::text, 9, '0'), md5(n::text), 'model.m' || m, 1, 'hash', {sector}, 'project', md5('s' || n),
            'project:' || md5('s' || n), '2026-06', (150102 + u % {DISTRICTS})::text || '001',
            (150102 + u % {DISTRICTS})::text, 'line' || m % {LINES}, {unit}, (ARRAY['高','中','低'])[rank], rank,
            {_drawn(5, 101)}, '[{{"part": "base", "points": 40}}]', 100 * {_drawn(6, 100_000)},
            jsonb_build_object('amount', n, 'months', 3, 'sources', 2),
            jsonb_build_array(jsonb_build_object('table', 'payout', 'key', jsonb_build_object('payout_id', n),
                'row', jsonb_build_object('payout_id', n, 'programme', 'DB', 'paid', '2026-05-01'))),
            '{{"min": 1}}', '{{"payout": 7}}', jsonb_build_object('zh', '连续三个月重复发放,请核实', 'en', 'paid twice'),
            md5('d' || n), 'new', {status}, DATE '2026-06-01', DATE '2026-06-16', :now
        FROM (SELECT n, ({_drawn(3, MODELS)})::int AS m, (1 + {_drawn(4, UNITS - DISTRICTS - 1)})::int AS u,
                     CASE WHEN {_drawn(7, 10)} = 0 THEN 1 WHEN {_drawn(7, 10)} < 5 THEN 2 ELSE 3 END AS rank
              FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n) drawn
        """),
        {"first": first, "last": first + count - 1, "now": NOW},
    )


def _orders(conn: Connection) -> None:
    """Limits at 18:00; those due at NOW missed one yesterday or an hour ago, all others lie ahead."""
    number = "substr(w.id, 2)::bigint"
    conn.execute(
        text(f"""
        INSERT INTO supervision_order (id, warning_id, tier, unit_id, state, light, light_rank, issued_at, accept_due,
            finish_due, accepted_at, calendar_version, next_check)
        SELECT 'D' || id, id, tier, unit_id, state, light,
            CASE light WHEN 'none' THEN 0 WHEN 'register' THEN 1 ELSE 3 END, day - interval '9 days 9 hours',
            CASE WHEN due AND depth < 3 THEN day - interval '6 hours' ELSE day + interval '42 hours' END,
            finish, CASE WHEN depth >= 3 THEN day - interval '7 days' END, 'bench',
            CASE WHEN NOT runs THEN NULL WHEN due AND depth < 3 THEN day - interval '6 hours'
                 WHEN due THEN finish WHEN depth < 3 THEN day + interval '42 hours' ELSE finish - interval '3 days' END
        FROM (SELECT w.id, w.unit_id, p.state, p.depth, p.depth < 7 AS runs,
                     CASE p.depth WHEN 1 THEN 'register' ELSE 'none' END AS light,
                     CASE WHEN {_drawn(8, 20, number)} = 0 THEN 2 ELSE 1 END AS tier,
                     p.depth < 7 AND {_drawn(9, 93, number)} = 0 AS due,
                     date_trunc('day', CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')
                         AT TIME ZONE 'Asia/Shanghai' AS day,
                     date_trunc('day', CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')
                         AT TIME ZONE 'Asia/Shanghai' + interval '18 hours' + CASE
                         WHEN p.depth BETWEEN 3 AND 6 AND {_drawn(9, 93, number)} = 0
                             THEN -interval '1 day' * ({_drawn(10, 2, number)})
                         ELSE interval '1 day' * (5 + {_drawn(10, 15, number)}) END AS finish
              FROM warning w JOIN place p ON p.drawn = {_drawn(2, 100, number)}) drawn
        """),
        {"now": NOW},
    )


def _steps(conn: Connection) -> None:
    """The road behind each warning, with the issue of its order."""
    conn.execute(
        text(
            "CREATE TEMP TABLE road (seq int PRIMARY KEY, action text, before text, after text) ON COMMIT DROP"
        )
    )
    rows = [{"n": n, "a": a, "b": b, "c": c} for n, (a, b, c) in enumerate(_ROAD, start=1)]
    conn.execute(text("INSERT INTO road VALUES (:n, :a, :b, :c)"), rows)
    number = "substr(w.id, 2)::bigint"
    conn.execute(
        text(f"""
        INSERT INTO order_step (object_kind, object_id, seq, action, from_state, to_state, reason, actor, note, at)
        SELECT 'warning', w.id, r.seq, r.action, r.before, r.after, '', 'user' || r.seq, '已办理',
               CAST(:now AS timestamptz) - interval '9 days'
               + r.seq * interval '1 hour'
        FROM warning w JOIN place p ON p.drawn = {_drawn(2, 100, number)} JOIN road r ON r.seq <= p.depth
        UNION ALL
        SELECT 'order', 'D' || w.id, 1, 'issue', '', 'issued', 'verify', 'system', '10',
               CAST(:now AS timestamptz) - interval '9 days'
        FROM warning w
        """),
        {"now": NOW},
    )


def _letters(conn: Connection) -> None:
    """The notice of each order, sent long ago."""
    conn.execute(
        text("""
        INSERT INTO outbox (idempotency_key, channel, recipient, template, payload, created_at, routed_at, next_try,
            sent_at, attempts, reason)
        SELECT 'D' || id || '\\:issued', 'file', unit_id, 'order_issued',
               jsonb_build_object('order', 'D' || id, 'level', level, 'tier', 1), :now, :now, :now, :now, 1, 'sent'
        FROM warning
        """),
        {"now": NOW},
    )
