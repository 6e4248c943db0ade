"""Ways out of the building. A new channel is one module here and one line in `_MAKERS`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from mingjian.domain.channel import ChannelKind, ChannelRules
from mingjian.domain.clock import Clock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Channel, Message, Refused, TryLater
from mingjian.notify.channels.file import FileChannel

__all__ = ["Channel", "ChannelFault", "FileChannel", "Message", "Refused", "TryLater", "open_channels"]


class ChannelFault(MingjianError):
    """A channel of the city's file cannot be used as it is set up."""


Maker = Callable[[ChannelRules, Path, Clock], Channel]


def open_channels(
    rules: Mapping[str, ChannelRules], home: Path, clock: Clock
) -> tuple[dict[str, Channel], list[ChannelFault]]:
    """Channels by name, and what is wrong with those that cannot be opened: one must not stop the others."""
    opened: dict[str, Channel] = {}
    faults: list[ChannelFault] = []
    for name, rule in rules.items():
        try:
            opened[name] = _MAKERS[rule.kind](rule, home, clock)
        except ChannelFault as fault:
            faults.append(fault)
        except ValueError as error:  # says what is wrong with the address and never the address itself
            faults.append(
                ChannelFault(
                    _("渠道 {name} 打不开：{why}", name=name, why=_plain(error)),
                    hint=_("对照 docs/messages.md 改正环境变量中的地址"),
                )
            )
    return opened, faults


def _plain(error: ValueError) -> str:
    """Our own words; another library's may hold the address."""
    return str(error) if type(error) is ValueError else type(error).__name__


def _secret(name: str) -> str:
    """The value of an environment variable; ChannelFault naming it when it is not set."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ChannelFault(
            _("渠道需要环境变量 {name}，但没有设置", name=name),
            hint=_("设置 {name}，或从渠道文件中去掉该渠道；消息在此之前一直等待", name=name),
        )
    return value


# Each module is read when its channel is opened: Apprise alone takes longer than a short command.
def _file(_rules: ChannelRules, home: Path, _clock: Clock) -> Channel:
    return FileChannel(home / "outbox")


def _mail(rules: ChannelRules, _home: Path, _clock: Clock) -> Channel:
    from mingjian.notify.channels.mail import MailChannel

    return MailChannel(_secret("MINGJIAN_MAIL_URL"), rules.timeout_seconds)


def _sms(rules: ChannelRules, _home: Path, _clock: Clock) -> Channel:
    from mingjian.notify.channels.http import Gateway
    from mingjian.notify.channels.sms import SmsChannel

    if rules.request is None:
        raise ValueError(_("短信渠道须写明 request，其他渠道不写"))
    gateway = Gateway(_secret("MINGJIAN_SMS_URL"), rules.timeout_seconds, rules.allow_private)
    return SmsChannel(gateway, os.environ.get("MINGJIAN_SMS_TOKEN", "").strip(), rules.request)


def _wecom(rules: ChannelRules, _home: Path, _clock: Clock) -> Channel:
    from mingjian.notify.channels.robots import WeComRobot

    return WeComRobot(_secret("MINGJIAN_WECOM_URL"), rules.timeout_seconds, rules.allow_private)


def _dingtalk(rules: ChannelRules, _home: Path, _clock: Clock) -> Channel:
    from mingjian.notify.channels.robots import DingTalkRobot

    return DingTalkRobot(_secret("MINGJIAN_DINGTALK_URL"), rules.timeout_seconds, rules.allow_private)


def _feishu(rules: ChannelRules, _home: Path, _clock: Clock) -> Channel:
    from mingjian.notify.channels.robots import FeishuRobot

    return FeishuRobot(_secret("MINGJIAN_FEISHU_URL"), rules.timeout_seconds, rules.allow_private)


def _webhook(rules: ChannelRules, _home: Path, clock: Clock) -> Channel:
    from mingjian.notify.channels.http import Gateway
    from mingjian.notify.channels.webhook import WebhookChannel

    gateway = Gateway(_secret("MINGJIAN_WEBHOOK_URL"), rules.timeout_seconds, rules.allow_private)
    return WebhookChannel(gateway, _secret("MINGJIAN_WEBHOOK_SECRET"), clock)


_MAKERS: dict[ChannelKind, Maker] = {
    ChannelKind.FILE: _file,
    ChannelKind.MAIL: _mail,
    ChannelKind.SMS: _sms,
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
    ChannelKind.WEBHOOK: _webhook,
}
