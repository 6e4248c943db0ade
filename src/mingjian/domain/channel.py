"""A channel by which messages leave: which it takes, when it is silent, what it groups, how it tries again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _
from mingjian.domain.source import Strict

ALL = "all"
JITTER = 0.2  # a wait is longer or shorter by at most this share of it


class ChannelKind(StrEnum):
    """What a channel speaks."""

    FILE = "file"
    MAIL = "mail"
    SMS = "sms"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"


# These need an address of each recipient; the others have one address for the whole city.
ADDRESSED = frozenset({ChannelKind.MAIL, ChannelKind.SMS})


class QuietHours(Strict):
    """From `from` to `to`, city time, over midnight too, only names in `may_break` leave."""

    from_: time = Field(alias="from")
    to: time
    may_break: list[str] = Field(default_factory=lambda: ["light_alarm", "tier_raised:3"])

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _quoted(cls, said: Any) -> Any:
        """YAML reads 21:00 without quotes as the number 1260."""
        if not isinstance(said, str | time):
            raise ValueError(_('时刻须加引号，如 "21:00"'))
        return said

    @model_validator(mode="after")
    def _some_hours(self) -> QuietHours:
        if self.from_ == self.to:
            raise ValueError(_("静默时段的起止不能相同"))
        return self

    def until(self, moment: datetime) -> datetime | None:
        """When the quiet that holds at `moment` ends; None when it does not hold."""
        here = moment.astimezone(CITY_TZ)
        for day in (here.date() - timedelta(days=1), here.date()):
            starts = datetime.combine(day, self.from_, CITY_TZ)
            ends = datetime.combine(day + timedelta(days=self.to <= self.from_), self.to, CITY_TZ)
            if starts <= here < ends:
                return ends
        return None


class Digest(Strict):
    """At least `at_least` messages of these names to one recipient leave as one, which shows up to `lines` matters.

    With a window they wait for its end (windows begin at the city's midnight); without one only those are grouped
    that wait together, as after a day of downtime.
    """

    templates: list[str] = Field(min_length=1)
    window_minutes: int = Field(default=0, ge=0, le=24 * 60)
    at_least: int = Field(default=3, ge=2)
    lines: int = Field(default=20, ge=1, le=200)

    def leaves_at(self, moment: datetime) -> datetime:
        """The end of the window in which `moment` lies; the moment itself without a window."""
        if not self.window_minutes:
            return moment
        here = moment.astimezone(CITY_TZ)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        window = timedelta(minutes=self.window_minutes)
        return midnight + ((here - midnight) // window + 1) * window


class Retry(Strict):
    """The n-th failure is followed by a wait of `first_seconds` * `factor`^(n-1), at most `longest_seconds`."""

    first_seconds: float = Field(default=60, ge=1)
    factor: float = Field(default=2, ge=1)
    longest_seconds: float = Field(default=6 * 3600, ge=1)
    attempts: int = Field(default=12, ge=1, le=100)

    def wait(self, message_id: int, failures: int) -> timedelta:
        """The wait after so many failures; spread by message id, so that a mended gateway is not stormed."""
        plain = min(self.first_seconds * self.factor ** (failures - 1), self.longest_seconds)
        drawn = hashlib.sha256(f"{message_id}:{failures}".encode()).digest()
        share = int.from_bytes(drawn[:4]) / 2**32  # 0 to 1, the same for the same message and try
        return timedelta(seconds=plain * (1 + JITTER * (2 * share - 1)))


class SmsRequest(Strict):
    """The gateway's HTTP request; `{phone}`, `{text}`, `{token}` and `{key}` in header and field values are filled in.

    `ok_field` and `ok_value` say how an answer with status 200 tells that the gateway took the message; with one of
    `busy_values` it is tried again, with any other value it is dead.
    """

    method: Literal["POST", "GET"] = "POST"
    form: Literal["json", "form", "query"] = "json"
    headers: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, Any] = Field(min_length=1)
    ok_field: str | None = None
    ok_value: str = "0"
    busy_values: list[str] = Field(default_factory=list)
    most_characters: int = Field(default=500, ge=20, le=2000)


class ChannelRules(Strict):
    """One channel of the file; `templates` is `all` or names as `tier_raised` or `tier_raised:3`."""

    kind: ChannelKind
    templates: list[str] | Literal["all"] = "all"
    language: Literal["zh", "en"] = "zh"
    quiet: QuietHours | None = None
    digest: Digest | None = None
    retry: Retry = Field(default_factory=Retry)
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    allow_private: bool = False  # addresses of the inner network, and http besides https
    request: SmsRequest | None = None

    @model_validator(mode="after")
    def _request_of_sms(self) -> ChannelRules:
        if (self.kind is ChannelKind.SMS) != (self.request is not None):
            raise ValueError(_("短信渠道须写明 request，其他渠道不写"))
        return self

    def takes(self, names: Iterable[str]) -> bool:
        """Whether a message of any of these names goes by this channel."""
        return self.templates == ALL or not set(self.templates).isdisjoint(names)

    def held_until(self, moment: datetime, names: Iterable[str]) -> datetime | None:
        """When a message of these names may leave, if the quiet hours hold it now."""
        if self.quiet is None or not set(self.quiet.may_break).isdisjoint(names):
            return None
        return self.quiet.until(moment)

    def groups(self, names: Iterable[str]) -> bool:
        """Whether a message of any of these names may stand in a digest."""
        return self.digest is not None and not set(self.digest.templates).isdisjoint(names)

    def named(self) -> set[str]:
        """Every name of a template that the rules mention."""
        said = [*(self.templates if self.templates != ALL else [])]
        said += self.quiet.may_break if self.quiet else []
        said += self.digest.templates if self.digest else []
        return set(said)


class Channels(Strict):
    """The file `supervision/channels.yaml`: channels by name."""

    channels: dict[str, ChannelRules] = Field(min_length=1)
