"""What the channels file says is done: who takes what, when it is quiet, what is grouped."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from post_desk import Desk, letter
from supervise_queue import city_time

from mingjian.content import yamlfile
from mingjian.content.channels import load_channels
from mingjian.domain.channel import ChannelKind, Channels, Digest, QuietHours, Retry
from mingjian.domain.errors import ContentError
from mingjian.notify import deliver
from mingjian.notify.outbox import Post
from mingjian.notify.wording import TEMPLATES

QUIET = 'file: {kind: file, quiet: {from: "21:00", to: "07:30"}}'


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return city_time(3, day, hour).replace(minute=minute)


def test_in_quiet_hours_only_alarms_and_tier_three_leave(desk: Desk) -> None:
    desk.channels(QUIET)
    desk.clock.at = at(23)
    desk.put(
        letter("notice"),
        letter("alarm", template="light_alarm"),
        letter("second", template="tier_raised", tier=2),
        letter("third", template="tier_raised", tier=3),
    )
    assert desk.deliver() == {"sent": 2, "quiet": 2}
    assert {row["idempotency_key"] for row in desk.letters() if row["sent_at"]} == {"alarm", "third"}
    assert (desk.row("notice")["reason"], desk.row("notice")["next_try"]) == ("quiet", at(7, 30, day=4))
    desk.clock.at = at(7, 29, day=4)
    assert desk.deliver() == {}
    desk.clock.at = at(7, 30, day=4)
    assert desk.deliver() == {"sent": 2}


def test_what_the_night_held_leaves_in_the_morning_as_one(desk: Desk) -> None:
    desk.channels(
        'file: {kind: file, quiet: {from: "21:00", to: "07:30"}, digest: {templates: [reminder], at_least: 2}}'
    )
    desk.clock.at = at(22)
    for n in range(5):
        desk.put(letter(str(n), template="reminder"))
        desk.deliver()
        desk.clock.move(minutes=30)
    desk.clock.at = at(8, day=4)
    assert desk.deliver() == {"sent": 1, "digested": 5}


def test_a_digest_may_break_the_quiet_if_a_part_of_it_may(desk: Desk) -> None:
    desk.channels(
        'file: {kind: file, quiet: {from: "21:00", to: "07:30"}, digest: {templates: [light_alarm], at_least: 2}}'
    )
    desk.clock.at = at(23)
    desk.put(letter("a", template="light_alarm"), letter("b", template="light_alarm"))
    assert desk.deliver() == {"sent": 1, "digested": 2}


def test_quiet_hours_that_begin_while_messages_leave_hold_the_rest(desk: Desk) -> None:
    desk.channels(QUIET)
    desk.clock.at = at(20, 59)
    desk.put(*(letter(str(n)) for n in range(5)))
    post = desk.post()

    class Slow:
        secrets = ()

        def send(self, _message: object) -> None:
            desk.clock.move(seconds=25)

    done = deliver(desk.engine, desk.clock, Post(post.rules, {"file": Slow()}))
    assert (done["sent"], done["quiet"]) == (3, 2) and desk.row("4")["attempts"] == 0


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59), st.integers(0, 1439))
def test_quiet_ends_within_a_day_and_is_then_over(h1: int, m1: int, h2: int, m2: int, minute: int) -> None:
    if (h1, m1) == (h2, m2):
        return
    quiet = QuietHours.model_validate({"from": f"{h1:02}:{m1:02}", "to": f"{h2:02}:{m2:02}"})
    moment = at(0) + timedelta(minutes=minute)
    clock = (moment.hour, moment.minute)
    inside = (h1, m1) <= clock < (h2, m2) if (h1, m1) < (h2, m2) else clock >= (h1, m1) or clock < (h2, m2)
    ends = quiet.until(moment)
    assert (ends is not None) == inside
    if ends is not None:
        assert moment < ends <= moment + timedelta(days=1) and quiet.until(ends) is None


def test_a_window_gathers_what_comes_within_it(desk: Desk) -> None:
    desk.channels("file: {kind: file, digest: {templates: [order_issued], window_minutes: 30, at_least: 2}}")
    desk.clock.at = at(9, 10)
    desk.put(letter("a"), letter("other", "JY"))
    assert desk.deliver() == {}
    desk.clock.at = at(9, 25)
    desk.put(letter("b"), letter("urgent", template="light_alarm"))
    assert desk.deliver() == {"sent": 1}
    assert desk.row("a")["next_try"] == desk.row("b")["next_try"] == at(9, 30)
    desk.clock.at = at(9, 30)
    assert desk.deliver() == {"sent": 2, "digested": 2}
    assert desk.row("a")["digest_id"] == desk.row("b")["digest_id"] is not None
    assert desk.row("other")["digest_id"] is None and desk.account().holds


@given(st.integers(1, 1440), st.integers(0, 2879))
def test_a_window_ends_after_its_messages_and_not_a_window_later(window: int, minute: int) -> None:
    moment = at(0) + timedelta(minutes=minute, seconds=7)
    leaves = Digest(templates=["reminder"], window_minutes=window).leaves_at(moment)
    assert moment < leaves <= moment + timedelta(minutes=window)


def test_what_was_tried_keeps_its_own_key_and_is_not_grouped(desk: Desk) -> None:
    desk.channels("file: {kind: file}")
    desk.put(letter("a", template="reminder"))
    (desk.run.home / "outbox").write_text("in the way")
    assert desk.deliver() == {"failed": 1}
    (desk.run.home / "outbox").unlink()
    desk.channels("file: {kind: file, digest: {templates: [reminder], at_least: 2}}")
    desk.clock.move(hours=1)
    desk.put(letter("b", template="reminder"), letter("c", template="reminder"))
    assert desk.deliver() == {"sent": 2, "digested": 2}
    assert desk.row("a")["digest_id"] is None


def test_a_message_goes_by_every_channel_that_takes_it(desk: Desk) -> None:
    desk.channels(
        """
        file: {kind: file, templates: [order_issued]}
        second: {kind: file, templates: ["tier_raised:3", order_issued]}
        """
    )
    desk.put(
        letter("a"), letter("b", template="tier_raised", tier=2), letter("c", template="tier_raised", tier=3)
    )
    assert desk.deliver() == {"sent": 3, "dead": 1}
    assert (desk.row("b")["reason"], desk.row("c")["channel"]) == ("no_channel", "second")
    assert desk.row("a@second")["sent_at"] is not None


def test_a_digest_goes_to_each_contact_of_the_unit(desk: Desk) -> None:
    desk.reach("MZ", ChannelKind.SMS, "13800001111")
    desk.reach("MZ", ChannelKind.SMS, "13800002222")
    desk.channels("sms: {kind: sms, request: {fields: {to: x}}, digest: {templates: [reminder]}}")
    desk.put(*(letter(str(n), template="reminder") for n in range(3)))
    assert desk.deliver() == {"digested": 6}
    digests = [row for row in desk.letters() if row["template"] == "digest"]
    assert len({row["contact_id"] for row in digests}) == 2 and desk.account().holds


def test_waits_grow_to_the_longest_and_are_the_same_for_the_same_message() -> None:
    retry = Retry(first_seconds=10, factor=3, longest_seconds=100)
    assert retry.wait(7, 2) == retry.wait(7, 2)
    assert len({retry.wait(n, 1) for n in range(50)}) == 50
    for failures, plain in ((1, 10), (2, 30), (3, 90), (4, 100), (50, 100)):
        assert 0.8 * plain <= retry.wait(7, failures).total_seconds() <= 1.2 * plain


def shipped(repo: Path) -> str:
    return (repo / "supervision" / "channels.yaml").read_text(encoding="utf-8")


def test_the_shipped_file_writes_files_alone(repo: Path, tmp_path: Path) -> None:
    assert {name: rule.kind for name, rule in load_channels(repo, tmp_path).items()} == {"file": "file"}


def test_every_example_in_the_shipped_file_can_be_used(repo: Path) -> None:
    text = re.sub(r"^#  ", "  ", shipped(repo), flags=re.M)
    rules = Channels.model_validate(yaml.safe_load(text)).channels
    assert {rule.kind for rule in rules.values()} == set(ChannelKind)
    named = {said.partition(":")[0] for rule in rules.values() for said in rule.named()}
    assert named <= set(TEMPLATES)


def test_a_citys_own_file_holds_alone(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "channels.yaml").write_text("channels: {night: {kind: wecom}}")
    assert list(load_channels(repo, tmp_path)) == ["night"]


@pytest.mark.parametrize(
    ("said", "line", "told"),
    [
        ("channels:\n  a: {kind: pigeon}", 2, "kind"),
        ("channels:\n  a:\n    kind: file\n    colour: red", 4, "colour"),
        ("channels:\n  a:\n    kind: sms", 2, "request"),
        ("channels:\n  a:\n    kind: file\n    quiet: {from: 21:00, to: 07:00}", 4, "引号"),
        ('channels:\n  a:\n    kind: file\n    quiet: {from: "21:00", to: "21:00"}', 4, "起止"),
        ("channels: {}", 1, "channels"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, said: str, line: int, told: str) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text(said, encoding="utf-8")
    with pytest.raises(ContentError, match=rf"channels.yaml:{line}: .*{told}"):
        yamlfile.read(path, Channels)
