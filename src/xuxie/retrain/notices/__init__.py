"""Tells people what a retraining came to: chat, mail, webhook. Addresses come from the environment.

Sent by Apprise, whose addresses name the channel: `dingtalk://`, `feishu://`, `wecombot://`,
`slack://`, `mailto://`, `json://` and a hundred more.
"""

from xuxie.retrain.notices.notice import Notice
from xuxie.retrain.notices.send import tell

__all__ = ["Notice", "tell"]
