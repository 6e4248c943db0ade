"""Webhook, SMS gateway and robots over real HTTP, with receivers that fail on purpose."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from post_desk import Desk, letter
from receiver import HANG, RESET, Answer, Receiver

from mingjian.domain.channel import ChannelKind
from mingjian.notify.channels.http import _is_public
from mingjian.notify.channels.webhook import signature

WEBHOOK = "webhook: {kind: webhook, allow_private: true, timeout_seconds: 0.5}"
SECRET = "a-secret-of-the-webhook"


@pytest.fixture
def hooked(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MINGJIAN_WEBHOOK_URL", receiver.url)
    monkeypatch.setenv("MINGJIAN_WEBHOOK_SECRET", SECRET)
    desk.channels(WEBHOOK)
    return desk


def until_next_try(desk: Desk, key: str) -> timedelta:
    """Move the clock to the message's next try; returns how long that was."""
    waited = desk.row(key)["next_try"] - desk.clock.now()
    desk.clock.at += waited
    return waited


def test_a_webhook_carries_key_timestamp_and_a_signature_that_holds(hooked: Desk, receiver: Receiver) -> None:
    hooked.put(letter("a"))
    assert hooked.deliver() == {"sent": 1}
    (request,) = receiver.heard
    timestamp = request.headers["x-mingjian-timestamp"]
    assert int(timestamp) == int(hooked.clock.now().timestamp())
    assert request.headers["x-mingjian-signature"] == signature(SECRET, timestamp, request.body)
    told = json.loads(request.body)
    assert (told["key"], told["recipient"], told["template"]) == ("a", "MZ", "order_issued")
    assert told["facts"]["order"] == "Da" and "已送达" in told["body"]


def test_500_then_200_arrives_at_the_second_try(hooked: Desk, receiver: Receiver) -> None:
    receiver.answers = [Answer(500, b"out of order")]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"failed": 1}
    assert hooked.row("a")["last_error"] == "HTTP 500 out of order"
    until_next_try(hooked, "a")
    assert hooked.deliver() == {"sent": 1}
    assert receiver.keys == ["a", "a"] and hooked.row("a")["attempts"] == 2


@pytest.mark.parametrize("answer", [RESET, HANG], ids=["reset", "timeout"])
def test_a_connection_lost_after_the_body_is_tried_again_under_the_same_key(
    hooked: Desk, receiver: Receiver, answer: Answer
) -> None:
    receiver.answers = [answer]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"failed": 1}
    until_next_try(hooked, "a")
    assert hooked.deliver() == {"sent": 1}
    assert receiver.keys == ["a", "a"]
    assert receiver.heard[0].body == receiver.heard[1].body


def test_429_waits_as_long_as_the_receiver_asks(hooked: Desk, receiver: Receiver) -> None:
    receiver.answers = [Answer(429, headers={"Retry-After": "7200"})]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"failed": 1}
    assert until_next_try(hooked, "a") == timedelta(seconds=7200)


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_a_refusal_is_final(hooked: Desk, receiver: Receiver, status: int) -> None:
    receiver.answers = [Answer(status, b"no such user", {"Location": receiver.url})]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"dead": 1}
    row = hooked.row("a")
    assert (row["reason"], row["last_error"]) == ("refused", f"HTTP {status} no such user")
    assert len(receiver.heard) == 1


def test_408_is_tried_again(hooked: Desk, receiver: Receiver) -> None:
    receiver.answers = [Answer(408)]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"failed": 1}


def test_an_inner_address_is_refused_unless_the_file_allows_it(
    hooked: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGJIAN_WEBHOOK_URL", receiver.url.replace("http://127.0.0.1", "https://localhost"))
    hooked.channels("webhook: {kind: webhook}")
    hooked.put(letter("a"))
    assert hooked.deliver() == {"dead": 1}
    assert "allow_private" in hooked.row("a")["last_error"] and receiver.heard == []


def test_http_without_s_is_for_the_inner_network_alone(hooked: Desk) -> None:
    hooked.channels("webhook: {kind: webhook}")
    (fault,) = hooked.post().faults
    assert "https" in fault.message and "s3cr3t" not in str(fault)


def test_an_endless_answer_is_not_read_to_its_end(hooked: Desk, receiver: Receiver) -> None:
    receiver.answers = [Answer(500, b"x" * 5_000_000)]
    hooked.put(letter("a"))
    assert hooked.deliver() == {"failed": 1}
    assert len(hooked.row("a")["last_error"]) < 200


def test_what_a_receiver_echoes_is_kept_without_secrets_and_nothing_is_logged(
    hooked: Desk, receiver: Receiver, logged: StringIO
) -> None:
    receiver.answers = [Answer(400, f"bad {SECRET} {receiver.url} 13800001234 li@city.gov.cn".encode())]
    hooked.put(letter("a"))
    hooked.deliver()
    assert hooked.row("a")["last_error"] == "HTTP 400 bad *** *** *** ***"
    assert "s3cr3t" not in logged.getvalue()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime(2020, 1, 1, tzinfo=UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, made, made + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_is_checked_against_the_name_although_the_address_was_resolved_before(
    hooked: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool
) -> None:
    signed, key = certificate(tmp_path)
    asked = receiver.secure(signed, key)
    monkeypatch.setenv("MINGJIAN_WEBHOOK_URL", receiver.url.replace("http://127.0.0.1", "https://localhost"))
    hooked.channels("webhook: {kind: webhook, allow_private: true, timeout_seconds: 5}")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(signed))  # as an inner authority in the machine's own store
    hooked.put(letter("a"))
    assert hooked.deliver() == ({"sent": 1} if trusted else {"failed": 1})
    assert asked == ["localhost"] and len(receiver.heard) == trusted


SMS = """
sms:
  kind: sms
  allow_private: true
  request:
    headers: {Authorization: "Bearer {token}"}
    fields: {mobile: "{phone}", content: "{text}", more: {sign: 明鉴, id: "{key}"}}
    ok_field: result.code
    busy_values: ["17"]
    most_characters: 60
"""


@pytest.fixture
def phoned(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MINGJIAN_SMS_URL", receiver.url)
    monkeypatch.setenv("MINGJIAN_SMS_TOKEN", "t0ken-of-sms")
    desk.channels(SMS)
    receiver.usual = Answer(body=b'{"result": {"code": 0}}')
    return desk


def test_a_short_message_goes_to_every_phone_of_the_unit(phoned: Desk, receiver: Receiver) -> None:
    phoned.reach("MZ", ChannelKind.SMS, "13800001111")
    phoned.reach("MZ", ChannelKind.SMS, "13800002222")
    phoned.reach("MZ", ChannelKind.SMS, "13800003333", active=False)
    phoned.put(letter("a"))
    assert phoned.deliver() == {"sent": 2}
    told = [json.loads(request.body) for request in receiver.heard]
    assert sorted(t["mobile"] for t in told) == ["13800001111", "13800002222"]
    assert len({t["more"]["id"] for t in told}) == 2
    assert all(len(t["content"]) == 60 and t["content"].endswith("…") for t in told)
    assert receiver.heard[0].headers["authorization"] == "Bearer t0ken-of-sms"
    assert phoned.account().holds


def test_a_gateway_that_says_no_with_200_is_heard(phoned: Desk, receiver: Receiver) -> None:
    phoned.reach("MZ", ChannelKind.SMS, "13800001111")
    receiver.answers = [Answer(body=b'{"result": {"code": 17}}'), Answer(body=b'{"result": {"code": 4}}')]
    phoned.put(letter("a"), letter("b"))
    assert phoned.deliver() == {"failed": 1, "dead": 1}
    assert phoned.row("b")["reason"] == "refused"


def test_without_a_phone_it_is_dead_and_a_replay_finds_the_new_one(phoned: Desk, receiver: Receiver) -> None:
    phoned.put(letter("a"))
    assert phoned.deliver() == {"dead": 1}
    assert (phoned.row("a")["reason"], "MZ" in phoned.row("a")["last_error"]) == ("no_address", True)
    phoned.reach("MZ", ChannelKind.SMS, "13800001111")
    phoned.replay(phoned.row("a")["id"])
    assert phoned.deliver() == {"sent": 1} and len(receiver.heard) == 1


def test_a_form_and_a_query_are_filled_too(phoned: Desk, receiver: Receiver) -> None:
    phoned.reach("MZ", ChannelKind.SMS, "13800001111")
    for form, method in (("form", "POST"), ("query", "GET")):
        phoned.channels(
            f"sms: {{kind: sms, allow_private: true, request: {{form: {form}, method: {method},"
            ' fields: {to: "{phone}", msg: "{token} {other}"}}}'
        )
        phoned.put(letter(form))
        assert phoned.deliver() == {"sent": 1}
    posted, got = receiver.heard
    assert posted.body == b"to=13800001111&msg=t0ken-of-sms+%7Bother%7D"
    assert "to=13800001111" in got.path and "key=s3cr3t-key" in got.path


ROBOTS = {
    "wecom": (
        "MINGJIAN_WECOM_URL",
        b'{"errcode": 0}',
        b'{"errcode": 93000, "errmsg": "invalid webhook url"}',
    ),
    "dingtalk": (
        "MINGJIAN_DINGTALK_URL",
        b'{"errcode": 0}',
        b'{"errcode": 310000, "errmsg": "sign not match"}',
    ),
    "feishu": ("MINGJIAN_FEISHU_URL", b'{"code": 0}', b'{"code": 19024, "msg": "Key Words Not Found"}'),
}


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_that_refuses_with_status_200_is_not_taken_for_success(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    variable, yes, no = ROBOTS[kind]
    monkeypatch.setenv(variable, receiver.url)
    desk.channels(f"{kind}: {{kind: {kind}, allow_private: true}}")
    desk.add_unit("MZ", None, "district", "150102", name="民政局")
    receiver.answers = [Answer(body=no), Answer(body=yes)]
    desk.put(letter("a"), letter("b"))
    assert desk.deliver() == {"dead": 1, "sent": 1}
    assert desk.row("a")["reason"] == "refused" and "s3cr3t" not in desk.row("a")["last_error"]
    assert "民政局" in receiver.heard[1].body.decode()


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_that_is_busy_is_asked_again(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv(ROBOTS[kind][0], receiver.url)
    desk.channels(f"{kind}: {{kind: {kind}, allow_private: true}}")
    busy = {"wecom": b'{"errcode": 45009}', "dingtalk": b'{"errcode": 130101}', "feishu": b'{"code": 11232}'}
    receiver.answers = [Answer(body=busy[kind]), Answer(body=b"<html>")]
    desk.put(letter("a"), letter("b"))
    assert desk.deliver() == {"failed": 2}


def test_the_short_addresses_of_apprise_lead_to_the_services_own() -> None:
    from mingjian.notify.channels.robots import DingTalkRobot, FeishuRobot, WeComRobot

    wecom = WeComRobot("wecombot://abc-123", 5)
    assert wecom.gateway.url == "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-123"
    ding = DingTalkRobot("dingtalk://SEC99@abc123", 5)
    assert ding.gateway.url == "https://oapi.dingtalk.com/robot/send?access_token=abc123"
    assert set(ding.query()) == {"timestamp", "sign"}
    assert (
        FeishuRobot("feishu://abc-123", 5).gateway.url
        == "https://open.feishu.cn/open-apis/bot/v2/hook/abc-123"
    )
    with pytest.raises(ValueError, match="机器人"):
        WeComRobot("feishu://abc-123", 5)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:10.1.2.3", False),
    ],
)
def test_inner_addresses_are_known_in_every_spelling(address: str, public: bool) -> None:
    assert _is_public(address) == public
