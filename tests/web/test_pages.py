"""What the pages say: list, warning, steps, data health, overview; in two languages, with safe headers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, insert, select
from web_city import NOW, TODAY, A, B, SignIn, csrf_of, order_row, warning_row

from mingjian.domain.clock import MovableClock
from mingjian.store import audit
from mingjian.store.tables import audit_log, order_step, supervision_order, warning


def listed(page: str) -> list[str]:
    """Ids of the warnings a list page links to, in its order."""
    return re.findall(r'href="/warnings/([\w.-]+)"', page)


def test_the_queue_is_in_order_of_level_score_and_id(signed_in: SignIn) -> None:
    assert listed(signed_in("inspector").get("/warnings").text) == ["A1", "B1", "A3", "A2", "B3", "B2"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=realty", ["B2"]),
        ("level=medium", ["A2", "B3"]),
        (f"district={B}", ["B1", "B3", "B2"]),
        (f"district={A}&level=high", ["A1", "A3"]),
        ("model=subsidy.deceased_payee&level=low&status=all", ["C1"]),
        ("status=verifying", ["A2"]),
        ("status=closed", ["C1"]),
        ("status=recorded", ["S1"]),
        ("mine=1", ["A3", "B3"]),
        ("sector=nowhere", []),
    ],
)
def test_filters(signed_in: SignIn, query: str, expected: list[str]) -> None:
    client = signed_in("inspector")
    assert listed(client.get(f"/warnings?{query}").text) == expected
    assert [w["id"] for w in client.get(f"/api/v1/warnings?{query}").json()["warnings"]] == expected


def test_mine_is_what_my_role_can_move(signed_in: SignIn) -> None:
    assert listed(signed_in("clerk").get("/warnings?mine=1").text) == ["A1", "A2"]


@pytest.mark.parametrize("query", ["level=extreme", "status=lost", "after=x", "after=1.2", "after=a.b.c"])
def test_unknown_filters_say_what_to_do(signed_in: SignIn, query: str) -> None:
    client = signed_in("inspector")
    assert client.get(f"/warnings?{query}").status_code == 400
    answer = client.get(f"/api/v1/warnings?{query}")
    assert answer.status_code == 400
    assert answer.json()["hint"]


def test_counts_per_level_follow_the_filters(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    assert client.get("/api/v1/warnings").json()["counts"] == {"高": 3, "中": 2, "低": 1}
    assert client.get(f"/api/v1/warnings?district={A}").json()["counts"] == {"高": 2, "中": 1, "低": 0}
    assert client.get("/api/v1/warnings?level=low").json()["counts"] == {"高": 3, "中": 2, "低": 1}


def test_paging_by_key_shows_each_row_once(signed_in: SignIn, city: Engine) -> None:
    ids = [f"P{n:03}" for n in range(120)]
    rows = [
        warning_row(id, status="signed", sector="paging", level="高中低"[n % 3], score=40 + n % 4)
        for n, id in enumerate(ids)
    ]
    with city.begin() as conn:
        conn.execute(insert(warning), rows)
    client, seen, after = signed_in("inspector"), [], ""
    while True:
        data = client.get(f"/api/v1/warnings?sector=paging&after={after}").json()
        seen += [(w["level"], -w["score"], w["id"]) for w in data["warnings"]]
        after = data["after"]
        if not after:
            break
    order = {"高": 1, "中": 2, "低": 3}
    assert sorted(id for *_, id in seen) == ids
    assert seen == sorted(seen, key=lambda row: (order[row[0]], row[1], row[2]))
    with city.begin() as conn:
        conn.execute(delete(warning).where(warning.c.sector == "paging"))


def test_the_last_page_says_so_and_a_full_one_leads_on(signed_in: SignIn) -> None:
    page = signed_in("inspector").get("/warnings").text
    assert "已到末页" in page
    assert 'rel="next"' not in page


def test_an_empty_list_says_what_to_do(signed_in: SignIn) -> None:
    filtered = signed_in("inspector").get("/warnings?sector=nowhere").text
    assert "清除筛选" in filtered
    assert "没有预警不等于没有问题" in signed_in("lost").get("/warnings").text


def test_a_warning_tells_its_whole_story(signed_in: SignIn) -> None:
    page = signed_in("inspector").get("/warnings/A1").text
    for words in (
        "死亡登记日期为 2025年10月12日",  # explanation
        "预警只是供人工核查的线索，不是结论",  # lead, not finding
        "两个以上独立来源",  # score part and why
        "发放月数 不少于 3（实为 3） 或 金额 不少于 3,000",  # level rule
        "补贴发放明细",  # evidence table by its Chinese label
        "待遇所属月",  # evidence column by its Chinese label
        "<td>公安</td>",  # a coded value by its Chinese label
        "<td>2026年2月</td>",  # a month, not its first day
        "按月发放的宽限月数",  # parameter
        "丧葬抚恤金本就发给家属",  # exclusion
        "同名或录错身份证",  # known gap
        "<li>核对账户死后支取人。</li>",  # runbook, as a numbered list
        "<code>B08</code> 关于进一步加强惠民惠农财政补贴资金“一卡通”管理的指导意见（财办〔2020〕37号） · 已知，待确认",
        "第 4 版",  # snapshot version
        "首次发现，生成预警",  # decision
        "初核通过（待初核 → 待分办）",  # step
        "材料齐全",
        "发出督办单",
        "报到",  # light
        "2026-03-09 09:00",  # deadline
        "新城区民政局",
    ):
        assert words in page, words
    assert page.index("发现了什么") < page.index("为什么是这个等级和分值")
    assert listed(page) == ["C1"]  # the same bundle


def test_a_warning_without_its_model_file_still_opens(signed_in: SignIn) -> None:
    assert "模型文件已不在" in signed_in("inspector").get("/warnings/B2").text


def test_a_provisional_deadline_says_so(signed_in: SignIn) -> None:
    assert "暂按周一至周五推算" in signed_in("inspector").get("/warnings/B1").text


def test_each_look_at_a_warning_is_audited(signed_in: SignIn, city: Engine) -> None:
    client = signed_in("district")
    client.get("/warnings/B1")
    client.get("/api/v1/warnings/B2")
    client.get("/warnings/A1")  # not theirs: nothing was seen
    with city.connect() as conn:
        looked = conn.execute(
            select(audit_log.c.action, audit_log.c.object_id)
            .where(audit_log.c.actor == "district", audit_log.c.object_kind == "warning")
            .order_by(audit_log.c.id.desc())
            .limit(2)
        )
        assert [tuple(row) for row in looked] == [("view", "B2"), ("view", "B1")]
        assert audit.verify(conn) is None


@pytest.fixture
def waiting(city: Engine) -> str:
    """A warning about a person that waits for triage, and one that waits for its unit's signature."""
    with city.begin() as conn:
        for id in ("T1", "T2"):
            conn.execute(delete(order_step).where(order_step.c.object_id.in_([id, f"D{id}"])))
            conn.execute(delete(supervision_order).where(supervision_order.c.warning_id == id))
            conn.execute(delete(warning).where(warning.c.id == id))
        conn.execute(
            insert(warning), [warning_row("T1"), warning_row("T2", status="dispatched", unit_id="ca-a")]
        )
        conn.execute(insert(supervision_order), [order_row("T2", "ca-a", finish_due=NOW + timedelta(days=5))])
    yield "T1"
    with city.begin() as conn:
        conn.execute(delete(order_step).where(order_step.c.object_id.in_(["T1", "T2", "DT2"])))
        conn.execute(delete(supervision_order).where(supervision_order.c.warning_id == "T2"))
        conn.execute(delete(warning).where(warning.c.id.in_(["T1", "T2"])))


def test_an_inspector_triages_and_the_history_shows_it(signed_in: SignIn, waiting: str) -> None:
    client = signed_in("inspector")
    page = client.get(f"/warnings/{waiting}").text
    assert "初核通过</button>" in page
    answer = client.post(
        f"/warnings/{waiting}/steps", data={"csrf": csrf_of(page), "action": "triage", "note": "证据齐全"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/warnings/{waiting}")
    page = client.get(f"/warnings/{waiting}").text
    assert "初核通过（待初核 → 待分办）" in page
    assert "证据齐全" in page


def test_a_clerk_signs_an_order(signed_in: SignIn, waiting: str) -> None:
    client = signed_in("clerk")
    csrf = csrf_of(client.get("/warnings/T2").text)
    assert client.post("/warnings/T2/steps", data={"csrf": csrf, "action": "sign"}).status_code == 303
    assert "已签收" in client.get("/warnings/T2").text


def test_a_step_the_role_may_not_take_is_refused_in_words(signed_in: SignIn, waiting: str) -> None:
    client = signed_in("clerk")
    csrf = csrf_of(client.get("/warnings/T2").text)
    answer = client.post("/warnings/T2/steps", data={"csrf": csrf, "action": "close"})
    assert answer.status_code == 409


def test_data_health_never_looks_quiet_when_it_is_not(signed_in: SignIn) -> None:
    page = signed_in("inspector").get("/health").text
    for words in (
        "有 3 项需要处理",
        "逾期未更新（允许 35 天）",
        "人员编码缺失率过高",
        "数据被拦截，未运行",
        "金额不是数字",
    ):
        assert words in page, words
    assert "150102199001011234" not in page


def test_an_idle_city_is_reported(signed_in: SignIn, clock: MovableClock) -> None:
    client = signed_in("inspector")
    clock.at = NOW + timedelta(hours=9)
    assert "天没有运行" not in client.get("/health").text
    clock.move(days=3)
    client = signed_in("inspector")
    assert "已 3 天没有运行" in client.get("/health").text


def test_the_overview_warns_before_it_counts(signed_in: SignIn) -> None:
    page = signed_in("leader").get("/overview").text
    assert "1 个数据来源（共 2 个）未按时到位或有问题" in page
    assert page.index("未按时到位") < page.index("在办预警")
    assert str(TODAY) in page


def test_the_overview_names_the_city_and_sums_in_few_digits(signed_in: SignIn, city: Engine) -> None:
    with city.begin() as conn:
        rows = [
            warning_row("W1", district_code="150100", amount=31_722_482.47),
            warning_row("W2", district_code=None, amount=None),
        ]
        conn.execute(insert(warning), rows)
    client = signed_in("leader")
    page = client.get("/overview").text
    assert re.search(r"3,17\d\.\d 万元", page)
    assert re.search(r"CNY 31\.\d million", client.get("/overview?lang=en").text)
    assert '<span class="bar-name">市本级</span>' in page
    assert '<span class="bar-name">未标区县</span>' in page
    inspector = signed_in("inspector")
    assert "未标区县" in inspector.get("/warnings").text
    of_the_city = inspector.get("/warnings?district=150100").text
    assert listed(of_the_city) == ["W1"]
    assert '<option value="150100" selected>市本级</option>' in of_the_city


def test_english_by_switch_and_it_stays(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    assert "Payment after death" in client.get("/warnings?lang=en").text
    page = client.get("/warnings/A1").text
    assert '<html lang="en">' in page
    assert "A death is recorded on 2025-10-12" in page
    assert "never a finding" in page
    assert "发现了什么" not in page
    assert "<td>police</td>" in page
    assert "<td>2026-02</td>" in page
    assert "发现了什么" in client.get("/warnings/A1?lang=zh").text
    assert client.get("/warnings?lang=fr").status_code == 200


def test_the_switch_keeps_the_filters(signed_in: SignIn) -> None:
    page = signed_in("inspector").get("/warnings?level=high&sector=subsidy").text
    assert 'href="/warnings?level=high&amp;sector=subsidy&amp;lang=en"' in page


def test_every_answer_carries_the_security_headers(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    for address in ("/warnings", "/warnings/none", "/static/style.css", "/healthz", "/api/v1/warnings"):
        headers = client.get(address).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), address
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert client.get("/warnings").headers["cache-control"] == "no-store"


def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(signed_in: SignIn) -> None:
    client = signed_in("inspector")
    for address in ("/warnings", "/warnings/A1", "/health", "/overview"):
        page = client.get(address).text
        assert "<script" not in page
        assert " style=" not in page
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_evidence_is_escaped(signed_in: SignIn, city: Engine) -> None:
    evil = "<img src=x onerror=alert(1)>"
    with city.begin() as conn:
        conn.execute(insert(warning), [warning_row("X1", period=evil, explanation={"zh": evil, "en": evil})])
    page = signed_in("inspector").get("/warnings/X1").text
    assert evil not in page
    assert "&lt;img" in page
    with city.begin() as conn:
        conn.execute(delete(warning).where(warning.c.id == "X1"))


def test_healthz_says_only_that_it_lives(visitor: TestClient) -> None:
    assert visitor.get("/healthz").json() == {"status": "ok"}


def test_an_unknown_address_is_told_in_the_readers_language(visitor: TestClient) -> None:
    assert "没有这个页面" in visitor.get("/nowhere").text
    assert "There is no such page" in visitor.get("/nowhere?lang=en").text


def test_a_fault_of_ours_shows_nothing_of_itself(app: FastAPI) -> None:
    app.add_api_route("/boom", lambda: {}["secret of the inside"])
    answer = TestClient(app, raise_server_exceptions=False).get("/boom")
    assert answer.status_code == 500
    assert "系统出错" in answer.text
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(("tier", "role", "steps"), [(1, "inspector", []), (1, "line", ["raise_tier"])])
def test_steps_of_another_office_are_not_offered(
    signed_in: SignIn, tier: int, role: str, steps: list[str]
) -> None:
    page = signed_in(role).get("/warnings/A1").text
    offered = [name for name in ("raise_tier", "lower_tier", "close") if f'value="{name}"' in page]
    assert offered == steps
