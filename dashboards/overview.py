"""总览 · The overview: what a leader should know in two minutes. `build` is what export and publish call."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, common, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh

from mingjian.domain.order import Light
from mingjian.report.panels import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    SOURCE,
    YELLOW,
    Speech,
    SqlTarget,
    Words,
    both,
    shown_as,
    sql_table,
    thresholds,
    value_names,
)

LEVELS = (
    ("high", "高", Words("高", "High"), RED),
    ("medium", "中", Words("中", "Medium"), ORANGE),
    ("low", "低", Words("低", "Low"), BLUE),
)
LIGHTS = ((Light.ALARM, RED), (Light.URGENT, ORANGE), (Light.NOTICE, YELLOW), (Light.REGISTER, BLUE))
CHOSEN = "sector IN (${sector:sqlstring}) AND district_code IN (${district:sqlstring})"


def build(speech: Speech) -> Dashboard:
    """The dashboard in one language."""
    say = speech.say
    board = (
        Dashboard(say(Words("明鉴总览", "Mingjian overview")))
        .uid("mingjian-overview")
        .tags(["mingjian"])
        .timezone("Asia/Shanghai")
        .time("now-90d", "now")
        .refresh("5m")
        .with_variable(_sector(speech))
        .with_variable(_district(speech))
    )
    for panel, width, height in [
        (_open_by_level(speech), 8, 4),
        (_lights(speech), 10, 4),
        (_overdue(speech), 3, 4),
        (_days_since_run(speech), 3, 4),
        (_by_day(speech), 15, 9),
        (_by_district(speech), 9, 9),
        (_handling(speech), 24, 9),
        (_feeds(speech), 12, 9),
        (_quarantine(speech), 6, 9),
        (_models(speech), 6, 9),
    ]:
        board = board.with_panel(panel.span(width).height(height))
    return board


def _sector(speech: Speech) -> QueryVariable:
    named = ", ".join(f"('{code}', '{name}')" for code, name in speech.sectors().items())
    sql = f'SELECT code AS "__value", name AS "__text" FROM (VALUES {named}) AS s (code, name)'
    return _variable(speech, "sector", Words("领域", "Sector"), sql)


def _district(speech: Speech) -> QueryVariable:
    nowhere = speech.say(Words("未注明", "not recorded"))
    sql = (
        'SELECT DISTINCT district_code AS "__value", district_name AS "__text" FROM dash.warnings_by_day '
        f"WHERE district_code <> '-' UNION ALL SELECT '-', '{nowhere}' ORDER BY 1 DESC"
    )
    return _variable(speech, "district", Words("区县", "District"), sql)


def _variable(speech: Speech, name: str, label: Words, sql: str) -> QueryVariable:
    everything = VariableOption(selected=True, text=[speech.say(Words("全部", "All"))], value=["$__all"])
    return (
        QueryVariable(name)
        .label(speech.say(label))
        .datasource(SOURCE)
        .query(sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .multi(True)
        .include_all(True)
        .current(everything)
    )


def _stat(speech: Speech, title: Words, about: Words, sql: str) -> stat.Panel:
    return (
        stat.Panel()
        .title(speech.say(title))
        .description(both(about))
        .datasource(SOURCE)
        .with_target(SqlTarget(sql))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_mode(options.BigValueColorMode.VALUE)
        .graph_mode(options.BigValueGraphMode.NONE)
        .text_mode(options.BigValueTextMode.VALUE_AND_NAME)
    )


def _open_by_level(speech: Speech) -> stat.Panel:
    sums = ", ".join(
        f"COALESCE(sum(open) FILTER (WHERE level = '{level}'), 0) AS {key}" for key, level, _w, _c in LEVELS
    )
    panel = _stat(
        speech,
        Words("未办结预警", "Open warnings"),
        Words("尚未办结的预警,按风险等级。", "Warnings not closed yet, by level."),
        f"SELECT {sums} FROM dash.warnings_open WHERE {CHOSEN}",
    )
    for key, _level, words, colour in LEVELS:
        panel = panel.override_by_name(key, shown_as(speech.say(words), colour=colour))
    return panel


def _lights(speech: Speech) -> stat.Panel:
    sums = ", ".join(
        f"COALESCE(sum(orders) FILTER (WHERE light = '{light}'), 0) AS {light}" for light, _colour in LIGHTS
    )
    panel = _stat(
        speech,
        Words("亮灯的督办单", "Orders by light"),
        Words(
            "未办结督办单当前的灯:警报为超期,紧急为还剩不足两个工作日,预警为逾期未受理,报到为待签收。",
            "Lights of open orders: overdue, due within two working days, accepted late, not signed.",
        ),
        f"SELECT {sums} FROM dash.lights WHERE {CHOSEN}",
    )
    for light, colour in LIGHTS:
        panel = panel.override_by_name(light, shown_as(light.names[speech.lang], colour=colour))
    return panel


def _overdue(speech: Speech) -> stat.Panel:
    return (
        _stat(
            speech,
            Words("超期占比", "Overdue share"),
            Words("未办结督办单中已经超期的比例。", "Share of open orders that are past their limit."),
            "SELECT COALESCE(sum(overdue)::float / NULLIF(sum(open), 0), 0) AS overdue "
            f"FROM dash.handling WHERE {CHOSEN}",
        )
        .unit("percentunit")
        .decimals(0)
        .text_mode(options.BigValueTextMode.VALUE)
        .thresholds(thresholds((None, GREEN), (0.03, ORANGE), (0.08, RED)))
    )


def _days_since_run(speech: Speech) -> stat.Panel:
    return (
        _stat(
            speech,
            Words("距上次运行", "Since last run"),
            Words(
                "距最近一次运行的天数。数字变大说明系统没有在看,而不是没有问题。",
                "Days since the newest run. When it grows, nobody is looking: it does not mean all is well.",
            ),
            "SELECT CURRENT_DATE - max(as_of) AS days FROM dash.runs",
        )
        .unit("d")
        .text_mode(options.BigValueTextMode.VALUE)
        .thresholds(thresholds((None, GREEN), (2, ORANGE), (4, RED)))
    )


def _by_day(speech: Speech) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(speech.say(Words("新增预警", "New warnings")))
        .description(
            both(Words("每天首次发现的预警,按领域。", "Warnings first seen on each day, by sector."))
        )
        .datasource(SOURCE)
        .with_target(
            SqlTarget(
                "SELECT $__timeGroup(day, '1d') AS \"time\", sector AS metric, sum(warnings) AS warnings "
                f"FROM dash.warnings_by_day WHERE $__timeFilter(day) AND {CHOSEN} GROUP BY 1, 2 ORDER BY 1",
                "time_series",
            )
        )
        .draw_style(options.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .stacking(common.StackingConfig().mode(options.StackingMode.NORMAL))
    )
    for code, name in speech.sectors().items():
        panel = panel.override_by_name(code, shown_as(name))
    return panel


def _by_district(speech: Speech) -> barchart.Panel:
    sums = ", ".join(
        f"sum(warnings) FILTER (WHERE level = '{level}') AS {key}" for key, level, _w, _c in LEVELS
    )
    panel = (
        barchart.Panel()
        .title(speech.say(Words("各区县新增预警", "New warnings by district")))
        .description(
            both(
                Words(
                    "所选时段内首次发现的预警。区县大小不同,不用于排名。",
                    "Warnings first seen in the chosen time. Districts differ in size: not a ranking.",
                )
            )
        )
        .datasource(SOURCE)
        .with_target(
            SqlTarget(
                f"SELECT district_name, {sums} FROM dash.warnings_by_day "
                f"WHERE $__timeFilter(day) AND {CHOSEN} GROUP BY district_name ORDER BY sum(warnings) DESC"
            )
        )
        .orientation(options.VizOrientation.HORIZONTAL)
        .stacking(options.StackingMode.NORMAL)
        .x_field("district_name")
    )
    for key, _level, words, colour in LEVELS:
        panel = panel.override_by_name(key, shown_as(speech.say(words), colour=colour))
    return panel


def _handling(speech: Speech) -> table.Panel:
    say = speech.say
    return sql_table(
        say(Words("办理情况", "Handling")),
        Words(
            "各承办单位的督办单。按时率的分母含已经超期而未受理、未办结的单。",
            "Orders by unit. The on-time shares count orders that are late and still not handled.",
        ),
        "SELECT district_name, unit_name, sector, orders, open, overdue, "
        "accepted_on_time::float / NULLIF(accepted_on_time + accept_late, 0) AS accept_rate, "
        "finished_on_time::float / NULLIF(finished + overdue, 0) AS finish_rate, "
        f"median_accept_hours, median_finish_hours FROM dash.handling WHERE {CHOSEN} "
        "ORDER BY overdue DESC, open DESC, unit_name",
        {
            "district_name": shown_as(say(Words("区县", "District"))),
            "unit_name": shown_as(say(Words("承办单位", "Unit"))),
            "sector": shown_as(say(Words("领域", "Sector")), values=value_names(speech.sectors())),
            "orders": shown_as(say(Words("督办单", "Orders"))),
            "open": shown_as(say(Words("未办结", "Open"))),
            "overdue": shown_as(say(Words("超期", "Overdue"))),
            "accept_rate": shown_as(say(Words("按时受理率", "Accepted on time")), unit="percentunit"),
            "finish_rate": shown_as(say(Words("按时办结率", "Finished on time")), unit="percentunit"),
            "median_accept_hours": shown_as(say(Words("受理中位时长", "Median to accept")), unit="h"),
            "median_finish_hours": shown_as(say(Words("办结中位时长", "Median to finish")), unit="h"),
        },
    )


def _feeds(speech: Speech) -> table.Panel:
    say = speech.say
    verdicts = {
        "ok": say(Words("通过", "ok")),
        "partial": say(Words("部分通过", "partial")),
        "blocked": say(Words("已阻断", "blocked")),
        "missing": say(Words("未检查", "not checked")),
    }
    colours = {"ok": GREEN, "partial": ORANGE, "blocked": RED, "missing": RED}
    fresh = value_names(
        {"true": say(Words("及时", "on time")), "false": say(Words("未按时", "late"))},
        {"true": GREEN, "false": RED},
    )
    return sql_table(
        say(Words("数据来源", "Feeds")),
        Words(
            "数据是否按时到达、是否通过门禁。依赖受阻数据的模型不会运行。",
            "Whether data came in time and passed the gate. Models that need blocked data do not run.",
        ),
        "SELECT source, org, pulled_at, fresh::text AS fresh, verdict, rows_ready, "
        "rows_quarantined + gate_quarantined AS quarantined FROM dash.feeds ORDER BY fresh, verdict, source",
        {
            "source": shown_as(say(Words("来源", "Source"))),
            "org": shown_as(say(Words("提供单位", "Supplied by"))),
            "pulled_at": shown_as(say(Words("抽取时间", "Pulled at"))),
            "fresh": shown_as(say(Words("到达", "Arrival")), values=fresh, coloured=True),
            "verdict": shown_as(
                say(Words("门禁", "Gate")), values=value_names(verdicts, colours), coloured=True
            ),
            "rows_ready": shown_as(say(Words("可用行数", "Rows ready"))),
            "quarantined": shown_as(say(Words("隔离行数", "Quarantined"))),
        },
    )


def _quarantine(speech: Speech) -> table.Panel:
    say = speech.say
    return sql_table(
        say(Words("隔离原因", "Quarantine reasons")),
        Words("被隔离、待处理的行,按问题类别。", "Rows held in quarantine, by the class of their fault."),
        "SELECT table_name, value_class, sum(rows) AS rows FROM dash.quarantine_reasons "
        "WHERE status = 'held' GROUP BY table_name, value_class ORDER BY rows DESC",
        {
            "table_name": shown_as(say(Words("数据表", "Table"))),
            "value_class": shown_as(say(Words("问题类别", "Fault"))),
            "rows": shown_as(say(Words("行数", "Rows"))),
        },
    )


def _models(speech: Speech) -> table.Panel:
    say = speech.say
    outcomes = {
        "done": say(Words("已运行", "ran")),
        "no_feed": say(Words("缺数据", "no data")),
        "blocked": say(Words("数据受阻", "data blocked")),
        "failed": say(Words("出错", "failed")),
    }
    colours = {"done": GREEN, "no_feed": ORANGE, "blocked": RED, "failed": RED}
    return sql_table(
        say(Words("模型运行", "Models")),
        Words(
            "各模型最近一次运行;没有运行的排在前面。", "Each model's last run; those that did not run first."
        ),
        "SELECT model, outcome, findings, open FROM dash.model_activity "
        "WHERE sector IN (${sector:sqlstring}) ORDER BY outcome = 'done', model",
        {
            "model": shown_as(say(Words("模型", "Model")), values=value_names(speech.models())),
            "outcome": shown_as(
                say(Words("结果", "Outcome")), values=value_names(outcomes, colours), coloured=True
            ),
            "findings": shown_as(say(Words("发现", "Findings"))),
            "open": shown_as(say(Words("未办结", "Open"))),
        },
    )
