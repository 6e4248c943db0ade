"""Messages leave by the outbox: written with the change they tell of, delivered at least once."""

from mingjian.notify.outbox import deliver, notify, open_post

__all__ = ["deliver", "notify", "open_post"]
