-- The figures of dashboards and the leadership page, held once. Aggregates only: no subject, no person, no text of a case.
-- Views hold no data, so this file is run whole: a later migration that changes a view runs it again.
-- Late and overdue are what the sweep last saw (the order's light), so that figures, lights and the injected clock agree.
-- Counts are not suppressed when small: a warning names nobody here, and leaders must see the single serious case.

DROP SCHEMA IF EXISTS dash CASCADE;
CREATE SCHEMA dash;
COMMENT ON SCHEMA dash IS '看板视图,只有汇总数 · views for dashboards: aggregates only';

-- A district's own name: that of its government where one is listed, else the front part of its departments' names.
CREATE VIEW dash.districts AS
SELECT DISTINCT ON (left(region_code, 6))
       left(region_code, 6) AS district_code,
       COALESCE(CASE WHEN line_code IS NULL THEN name END,
                substring(name FROM '^.+?[区县旗]'), substring(name FROM '^.+?市'), name) AS district_name
FROM public.unit
WHERE level = 'district' AND region_code IS NOT NULL
ORDER BY left(region_code, 6), line_code IS NOT NULL, length(name), id;
COMMENT ON VIEW dash.districts IS '区县名称 · one row per district that has a unit';
COMMENT ON COLUMN dash.districts.district_code IS '区县代码 · first six digits of GB/T 2260; - where none is recorded';
COMMENT ON COLUMN dash.districts.district_name IS '区县名称 · taken from the units of the district, else the code';

CREATE VIEW dash.warnings_by_day AS
SELECT g.day, g.sector, g.level, g.district_code,
       COALESCE(d.district_name, g.district_code) AS district_name, g.model, g.warnings, g.amount
FROM (SELECT first_seen AS day, sector, level, COALESCE(district_code, '-') AS district_code, model,
             count(*) AS warnings, COALESCE(sum(amount), 0) AS amount
      FROM public.warning WHERE status <> 'recorded'
      GROUP BY first_seen, sector, level, COALESCE(district_code, '-'), model) g
LEFT JOIN dash.districts d ON d.district_code = g.district_code;
COMMENT ON VIEW dash.warnings_by_day IS '每日新增预警 · new warnings per day; those of shadow models are not counted';
COMMENT ON COLUMN dash.warnings_by_day.day IS '首次发现日期 · day first seen';
COMMENT ON COLUMN dash.warnings_by_day.sector IS '领域 · sector';
COMMENT ON COLUMN dash.warnings_by_day.level IS '风险等级(高、中、低) · level';
COMMENT ON COLUMN dash.warnings_by_day.district_code IS '区县代码 · district, - where none is recorded';
COMMENT ON COLUMN dash.warnings_by_day.district_name IS '区县名称 · its name';
COMMENT ON COLUMN dash.warnings_by_day.model IS '模型编码 · model';
COMMENT ON COLUMN dash.warnings_by_day.warnings IS '预警数 · number of warnings';
COMMENT ON COLUMN dash.warnings_by_day.amount IS '涉及金额(元) · sum of amounts concerned, yuan';

CREATE VIEW dash.warnings_open AS
SELECT g.sector, g.level, g.district_code, COALESCE(d.district_name, g.district_code) AS district_name,
       COALESCE(u.name, '-') AS unit_name, g.open, g.unassigned, g.amount, g.oldest_day
FROM (SELECT sector, level, COALESCE(district_code, '-') AS district_code, unit_id, count(*) AS open,
             count(*) FILTER (WHERE unit_id IS NULL) AS unassigned,
             COALESCE(sum(amount), 0) AS amount, min(first_seen) AS oldest_day
      FROM public.warning
      WHERE status NOT IN ('recorded', 'closed', 'closed_fp', 'closed_data', 'closed_policy', 'closed_merged', 'recheck', 'archived')
      GROUP BY sector, level, COALESCE(district_code, '-'), unit_id) g
LEFT JOIN public.unit u ON u.id = g.unit_id
LEFT JOIN dash.districts d ON d.district_code = g.district_code;
COMMENT ON VIEW dash.warnings_open IS '未办结预警 · warnings neither closed nor of shadow models, by sector, level, district and unit';
COMMENT ON COLUMN dash.warnings_open.sector IS '领域 · sector';
COMMENT ON COLUMN dash.warnings_open.level IS '风险等级(高、中、低) · level';
COMMENT ON COLUMN dash.warnings_open.district_code IS '区县代码 · district, - where none is recorded';
COMMENT ON COLUMN dash.warnings_open.district_name IS '区县名称 · its name';
COMMENT ON COLUMN dash.warnings_open.unit_name IS '承办单位 · unit in charge, - where none is assigned yet';
COMMENT ON COLUMN dash.warnings_open.open IS '未办结数 · open warnings';
COMMENT ON COLUMN dash.warnings_open.unassigned IS '待分办数 · of these, without a unit yet';
COMMENT ON COLUMN dash.warnings_open.amount IS '涉及金额(元) · sum of amounts concerned, yuan';
COMMENT ON COLUMN dash.warnings_open.oldest_day IS '最早发现日期 · day the oldest was first seen';

CREATE VIEW dash.closed_by_day AS
SELECT (closed_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sector,
       CASE status WHEN 'closed_fp' THEN 'rejected' WHEN 'closed_data' THEN 'rejected'
                   WHEN 'closed_policy' THEN 'policy' ELSE 'confirmed' END AS verdict,
       count(*) AS warnings
FROM public.warning
WHERE closed_at IS NOT NULL
  AND status IN ('closed', 'recheck', 'archived', 'closed_fp', 'closed_data', 'closed_policy')
GROUP BY 1, 2, 3;
COMMENT ON VIEW dash.closed_by_day IS '每日办结 · warnings closed per day, by what a person found; a reopened one is not counted';
COMMENT ON COLUMN dash.closed_by_day.day IS '办结日期 · day closed, in the city''s time';
COMMENT ON COLUMN dash.closed_by_day.sector IS '领域 · sector';
COMMENT ON COLUMN dash.closed_by_day.verdict IS '结论(confirmed 属实、rejected 误报或数据错误、policy 政策空白) · verdict';
COMMENT ON COLUMN dash.closed_by_day.warnings IS '预警数 · number of warnings';

CREATE VIEW dash.handling AS
SELECT g.sector, g.district_code, COALESCE(d.district_name, g.district_code) AS district_name,
       COALESCE(u.name, '-') AS unit_name, g.orders, g.open, g.accepted, g.accepted_on_time, g.accept_late,
       g.finished, g.finished_on_time, g.overdue, g.median_accept_hours, g.median_finish_hours
FROM (SELECT w.sector, COALESCE(w.district_code, '-') AS district_code, o.unit_id, count(*) AS orders,
             count(*) FILTER (WHERE o.state <> 'closed') AS open,
             count(o.accepted_at) AS accepted,
             count(*) FILTER (WHERE o.accepted_at <= o.accept_due) AS accepted_on_time,
             count(*) FILTER (WHERE o.accepted_at > o.accept_due
                              OR (o.accepted_at IS NULL AND o.light IN ('notice', 'urgent', 'alarm'))) AS accept_late,
             count(o.finished_at) AS finished,
             count(*) FILTER (WHERE o.finished_at <= o.finish_due) AS finished_on_time,
             count(*) FILTER (WHERE o.light = 'alarm') AS overdue,
             round((percentile_cont(0.5) WITHIN GROUP (
                 ORDER BY extract(epoch FROM o.accepted_at - o.issued_at)) / 3600)::numeric, 1) AS median_accept_hours,
             round((percentile_cont(0.5) WITHIN GROUP (
                 ORDER BY extract(epoch FROM o.finished_at - o.issued_at)) / 3600)::numeric, 1) AS median_finish_hours
      FROM public.supervision_order o JOIN public.warning w ON w.id = o.warning_id
      GROUP BY w.sector, COALESCE(w.district_code, '-'), o.unit_id) g
LEFT JOIN public.unit u ON u.id = g.unit_id
LEFT JOIN dash.districts d ON d.district_code = g.district_code;
COMMENT ON VIEW dash.handling IS '办理情况 · handling of orders by sector, district and unit';
COMMENT ON COLUMN dash.handling.sector IS '领域 · sector';
COMMENT ON COLUMN dash.handling.district_code IS '区县代码 · district, - where none is recorded';
COMMENT ON COLUMN dash.handling.district_name IS '区县名称 · its name';
COMMENT ON COLUMN dash.handling.unit_name IS '承办单位 · unit in charge';
COMMENT ON COLUMN dash.handling.orders IS '督办单数 · orders issued';
COMMENT ON COLUMN dash.handling.open IS '未办结数 · orders not closed';
COMMENT ON COLUMN dash.handling.accepted IS '已受理数 · orders accepted';
COMMENT ON COLUMN dash.handling.accepted_on_time IS '按时受理数 · accepted at or before their limit';
COMMENT ON COLUMN dash.handling.accept_late IS '逾期受理数 · accepted late, or not yet accepted though the light says that the limit has passed';
COMMENT ON COLUMN dash.handling.finished IS '已办结数 · orders with a finish recorded';
COMMENT ON COLUMN dash.handling.finished_on_time IS '按时办结数 · finished at or before their limit';
COMMENT ON COLUMN dash.handling.overdue IS '超期数 · orders with the light at 警报';
COMMENT ON COLUMN dash.handling.median_accept_hours IS '受理中位时长(小时) · median clock hours from issue to acceptance';
COMMENT ON COLUMN dash.handling.median_finish_hours IS '办结中位时长(小时) · median clock hours from issue to finish';

CREATE VIEW dash.lights AS
SELECT g.light, g.light_rank, g.tier, g.sector, g.district_code,
       COALESCE(d.district_name, g.district_code) AS district_name, g.orders
FROM (SELECT o.light, o.light_rank, o.tier, w.sector, COALESCE(w.district_code, '-') AS district_code,
             count(*) AS orders
      FROM public.supervision_order o JOIN public.warning w ON w.id = o.warning_id
      WHERE o.state <> 'closed'
      GROUP BY o.light, o.light_rank, o.tier, w.sector, COALESCE(w.district_code, '-')) g
LEFT JOIN dash.districts d ON d.district_code = g.district_code;
COMMENT ON VIEW dash.lights IS '亮灯情况 · open orders by light and tier';
COMMENT ON COLUMN dash.lights.light IS '灯(none 正常、register 报到、notice 预警、urgent 紧急、alarm 警报) · light';
COMMENT ON COLUMN dash.lights.light_rank IS '灯的次序 · the greater the more pressing';
COMMENT ON COLUMN dash.lights.tier IS '督办层级(1 至 3) · tier';
COMMENT ON COLUMN dash.lights.sector IS '领域 · sector';
COMMENT ON COLUMN dash.lights.district_code IS '区县代码 · district, - where none is recorded';
COMMENT ON COLUMN dash.lights.district_name IS '区县名称 · its name';
COMMENT ON COLUMN dash.lights.orders IS '督办单数 · open orders';

-- Fresh is judged against the newest run, so that a run for a past day is read rightly; dash.runs says how old that run is.
CREATE VIEW dash.feeds AS
SELECT f.source, f.table_name, f.org, f.as_of, f.pulled_at, f.fresh_days,
       (SELECT max(as_of) FROM public.stage_run) - f.as_of <= f.fresh_days
           AND f.error IS NULL AS fresh,
       f.error IS NOT NULL AS failed, f.rows_read, f.rows_kept,
       f.rows_quarantined, COALESCE(t.verdict, 'missing') AS verdict, COALESCE(t.rows, 0) AS rows_ready,
       COALESCE(t.rows_quarantined, 0) AS gate_quarantined
FROM public.feed f LEFT JOIN public.table_state t ON t.table_name = f.table_name;
COMMENT ON VIEW dash.feeds IS '数据来源 · each source, what came, and what the gate says of its table';
COMMENT ON COLUMN dash.feeds.source IS '来源 · source';
COMMENT ON COLUMN dash.feeds.table_name IS '数据表 · table it fills';
COMMENT ON COLUMN dash.feeds.org IS '提供单位 · office that supplies it';
COMMENT ON COLUMN dash.feeds.as_of IS '数据日期 · day of the last pull that worked';
COMMENT ON COLUMN dash.feeds.pulled_at IS '抽取时间 · when it was pulled';
COMMENT ON COLUMN dash.feeds.fresh_days IS '允许天数 · days it may stay without a new pull';
COMMENT ON COLUMN dash.feeds.fresh IS '是否及时 · pulled within fresh_days of the newest run, without error';
COMMENT ON COLUMN dash.feeds.failed IS '是否失败 · the last pull ended in an error';
COMMENT ON COLUMN dash.feeds.rows_read IS '读取行数 · rows read';
COMMENT ON COLUMN dash.feeds.rows_kept IS '保留行数 · rows kept';
COMMENT ON COLUMN dash.feeds.rows_quarantined IS '抽取隔离行数 · rows quarantined by the pull';
COMMENT ON COLUMN dash.feeds.verdict IS '门禁结论(ok、partial、blocked、missing) · verdict of the gate on the table';
COMMENT ON COLUMN dash.feeds.rows_ready IS '可用行数 · rows of the table that models read';
COMMENT ON COLUMN dash.feeds.gate_quarantined IS '门禁隔离行数 · rows of the table quarantined by the gate';

CREATE VIEW dash.quarantine_reasons AS
SELECT stage, source, table_name, column_name, value_class, status, count(*) AS rows
FROM public.quarantine
GROUP BY stage, source, table_name, column_name, value_class, status;
COMMENT ON VIEW dash.quarantine_reasons IS '隔离原因 · quarantined rows by the class of their fault; never a value';
COMMENT ON COLUMN dash.quarantine_reasons.stage IS '环节(pull、gate) · stage';
COMMENT ON COLUMN dash.quarantine_reasons.source IS '来源 · source';
COMMENT ON COLUMN dash.quarantine_reasons.table_name IS '数据表 · table';
COMMENT ON COLUMN dash.quarantine_reasons.column_name IS '字段 · column';
COMMENT ON COLUMN dash.quarantine_reasons.value_class IS '问题类别 · named class of the fault';
COMMENT ON COLUMN dash.quarantine_reasons.status IS '状态(held、released、superseded) · state of the rows';
COMMENT ON COLUMN dash.quarantine_reasons.rows IS '行数 · entries';

CREATE VIEW dash.model_activity AS
SELECT m.model_id AS model, split_part(m.model_id, '.', 1) AS sector, m.version, m.as_of AS last_run,
       m.outcome, m.findings, COALESCE(w.warnings, 0) AS warnings, COALESCE(w.open, 0) AS open,
       COALESCE(w.shadow, 0) AS shadow, m.seconds
FROM (SELECT DISTINCT ON (model_id) model_id, version, as_of, outcome, findings, seconds
      FROM public.model_run ORDER BY model_id, as_of DESC) m
LEFT JOIN (SELECT model, count(*) FILTER (WHERE status <> 'recorded') AS warnings,
                  count(*) FILTER (WHERE status NOT IN
                      ('recorded', 'closed', 'closed_fp', 'closed_data', 'closed_policy', 'closed_merged', 'recheck', 'archived')) AS open,
                  count(*) FILTER (WHERE status = 'recorded' AND reason = 'shadow') AS shadow
           FROM public.warning GROUP BY model) w ON w.model = m.model_id;
COMMENT ON VIEW dash.model_activity IS '模型运行 · the last run of each model and the warnings it has made';
COMMENT ON COLUMN dash.model_activity.model IS '模型编码 · model';
COMMENT ON COLUMN dash.model_activity.sector IS '领域 · sector';
COMMENT ON COLUMN dash.model_activity.version IS '版本 · version that ran';
COMMENT ON COLUMN dash.model_activity.last_run IS '最近运行日期 · day of the last run';
COMMENT ON COLUMN dash.model_activity.outcome IS '运行结果(done、no_feed、blocked、failed) · outcome of the last run';
COMMENT ON COLUMN dash.model_activity.findings IS '发现数 · findings of the last run';
COMMENT ON COLUMN dash.model_activity.warnings IS '累计预警数 · warnings made so far';
COMMENT ON COLUMN dash.model_activity.open IS '未办结预警数 · of these, open';
COMMENT ON COLUMN dash.model_activity.shadow IS '影子预警数 · recorded while in shadow, sent to nobody';
COMMENT ON COLUMN dash.model_activity.seconds IS '耗时(秒) · seconds the last run took';

CREATE VIEW dash.runs AS
SELECT as_of, stage, count(*) AS tasks, count(*) FILTER (WHERE status = 'done') AS done,
       count(*) FILTER (WHERE status = 'failed') AS failed, sum(seconds) AS seconds,
       max(finished_at) AS finished_at
FROM public.stage_run GROUP BY as_of, stage;
COMMENT ON VIEW dash.runs IS '运行记录 · what each stage did on each day: an old newest day means that nothing runs';
COMMENT ON COLUMN dash.runs.as_of IS '运行日期 · day of the run';
COMMENT ON COLUMN dash.runs.stage IS '环节 · stage';
COMMENT ON COLUMN dash.runs.tasks IS '任务数 · tasks';
COMMENT ON COLUMN dash.runs.done IS '完成数 · tasks done';
COMMENT ON COLUMN dash.runs.failed IS '失败数 · tasks failed';
COMMENT ON COLUMN dash.runs.seconds IS '耗时(秒) · seconds in all';
COMMENT ON COLUMN dash.runs.finished_at IS '完成时间 · when the last task finished';

-- Views run with their owner's rights; this role reads them and nothing else. Roles belong to the server, not to the database,
-- so it may be there already; a login that may not create roles gets the views and a notice.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingjian_dash') THEN
        CREATE ROLE mingjian_dash NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role mingjian_dash cannot be created by this login: ask an administrator for CREATE ROLE mingjian_dash NOLOGIN, then GRANT USAGE ON SCHEMA dash and SELECT ON ALL TABLES IN SCHEMA dash to it';
END
$$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingjian_dash') THEN
        GRANT USAGE ON SCHEMA dash TO mingjian_dash;
        GRANT SELECT ON ALL TABLES IN SCHEMA dash TO mingjian_dash;
    END IF;
END
$$;
