"""Mail to a real SMTP server that refuses, asks to wait, or is not there."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from mailserver import MailServer
from post_desk import Desk, letter

from mingjian.domain.channel import ChannelKind

ADDRESS = "li@mz.city.test"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as made:
        yield made


@pytest.fixture
def mailed(desk: Desk, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MINGJIAN_MAIL_URL", server.url())
    desk.channels("mail: {kind: mail, timeout_seconds: 5}")
    desk.reach("MZ", ChannelKind.MAIL, ADDRESS)
    return desk


def test_mail_arrives_with_subject_text_and_key(mailed: Desk, server: MailServer) -> None:
    mailed.put(letter("a"), letter("b"))
    assert mailed.deliver() == {"sent": 2}
    assert server.to == [ADDRESS, ADDRESS]
    mail = server.mails[0]
    assert (mail["Subject"], mail["X-Mingjian-Key"]) == ("【报到】督办单 Da", "a")
    assert mail.get_content_type() == "text/plain" and "已送达，请签收" in mail.get_content()


def test_a_digest_keeps_its_lines(mailed: Desk, server: MailServer) -> None:
    mailed.channels("mail: {kind: mail, digest: {templates: [order_issued], at_least: 2}}")
    mailed.put(letter("a"), letter("b"), letter("c"))
    assert mailed.deliver() == {"sent": 1, "digested": 3}
    lines = server.mails[0].get_content().strip().splitlines()
    assert [line[:2] for line in lines] == ["Da", "Db", "Dc"]


def test_mail_can_be_in_english(mailed: Desk, server: MailServer) -> None:
    mailed.channels("mail: {kind: mail, language: en}")
    mailed.put(letter("a"))
    mailed.deliver()
    assert server.mails[0]["Subject"] == "[Sign in] Order Da"


def test_a_server_that_asks_to_wait_gets_it_again_under_the_same_key(
    mailed: Desk, server: MailServer
) -> None:
    server.at_recipient = ["451 4.3.0 try later"]
    server.at_text = ["452 4.3.1 disk full"]
    mailed.put(letter("a"))
    for code in ("451", "452"):
        assert mailed.deliver() == {"failed": 1}
        assert f"SMTP {code}" in mailed.row("a")["last_error"]
        mailed.clock.at = mailed.row("a")["next_try"]
    assert mailed.deliver() == {"sent": 1}
    assert [mail["X-Mingjian-Key"] for mail in server.mails] == ["a", "a"]


def test_an_unknown_recipient_is_dead_at_once_and_not_named(
    mailed: Desk, server: MailServer, logged: StringIO
) -> None:
    server.at_recipient = [f"550 5.1.1 no such user {ADDRESS}"]
    mailed.put(letter("a"))
    assert mailed.deliver() == {"dead": 1}
    row = mailed.row("a")
    assert row["reason"] == "refused" and "SMTP 550" in row["last_error"] and "li@" not in row["last_error"]
    assert "apprise" not in logged.getvalue() and "submitting" not in logged.getvalue()


def test_a_refused_text_is_dead_at_once(mailed: Desk, server: MailServer) -> None:
    server.at_text = ["554 5.6.0 not in this house"]
    mailed.put(letter("a"))
    assert mailed.deliver() == {"dead": 1}


def test_a_server_that_is_not_there_is_tried_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer() as gone:
        monkeypatch.setenv("MINGJIAN_MAIL_URL", gone.url())
    desk.channels("mail: {kind: mail, timeout_seconds: 1}")
    desk.reach("MZ", ChannelKind.MAIL, ADDRESS)
    desk.put(letter("a"))
    assert desk.deliver() == {"failed": 1}


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_wrong_password_kills_no_message_and_is_not_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, logged: StringIO
) -> None:
    with MailServer(password=b"right") as server:
        monkeypatch.setenv("MINGJIAN_MAIL_URL", server.url("clerk:wr0ngpass@"))
        desk.channels("mail: {kind: mail}")
        desk.reach("MZ", ChannelKind.MAIL, ADDRESS)
        desk.put(letter("a"))
        assert desk.deliver() == {"failed": 1}
    assert "535" in desk.row("a")["last_error"]
    assert "wr0ngpass" not in desk.row("a")["last_error"] + logged.getvalue()


def test_an_address_that_is_none_is_a_fault_without_the_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGJIAN_MAIL_URL", "nonsense://clerk:pa55word@host")
    desk.channels("mail: {kind: mail}")
    (fault,) = desk.post().faults
    assert "mail" in fault.message and "pa55word" not in str(fault)
