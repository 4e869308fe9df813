"""The services that may be reached through Apprise, by the scheme of their URL.

Each was looked through: its plugin speaks HTTP by the verbs of `requests` and does
nothing else. Apprise's local schemes (syslog, dbus, mail, files, own plugins) are none.
https://appriseit.com/services/
"""

from __future__ import annotations

from tocsin.values import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """What people call it, and Apprise's plugin for it. `bytes_held` is what a service
    takes of title and body where it counts bytes, which Apprise does not."""

    title: str
    module: str
    plugin: str
    bytes_held: tuple[int, int] | None = None


# Of more than 4,096 bytes ntfy makes a file; and Apprise, of more than 8,000 as JSON.
_NTFY = Service("ntfy", "ntfy", "NotifyNtfy", (150, 3_500))

SERVICES: dict[str, Service] = {
    "barks": Service("Bark", "bark", "NotifyBark"),
    "clicksend": Service("ClickSend", "clicksend", "NotifyClickSend"),
    "gchat": Service("Google Chat", "google_chat", "NotifyGoogleChat"),
    "gotifys": Service("Gotify", "gotify", "NotifyGotify"),
    "join": Service("Join", "join", "NotifyJoin"),
    "line": Service("LINE", "line", "NotifyLine"),
    "mastodons": Service("Mastodon", "mastodon", "NotifyMastodon"),
    "matrixs": Service("Matrix", "matrix.base", "NotifyMatrix"),
    "mmosts": Service("Mattermost", "mattermost", "NotifyMattermost"),
    "msgbird": Service("MessageBird", "messagebird", "NotifyMessageBird"),
    "nctalks": Service("Nextcloud Talk", "nextcloudtalk", "NotifyNextcloudTalk"),
    "ntfy": _NTFY,
    "ntfys": _NTFY,
    "pbul": Service("Pushbullet", "pushbullet", "NotifyPushBullet"),
    "pover": Service("Pushover", "pushover", "NotifyPushover"),
    "prowl": Service("Prowl", "prowl", "NotifyProwl"),
    "psafers": Service("Pushsafer", "pushsafer", "NotifyPushSafer"),
    "rockets": Service("Rocket.Chat", "rocketchat", "NotifyRocketChat"),
    "signals": Service("Signal", "signal_api", "NotifySignalAPI"),
    "sinch": Service("Sinch", "sinch", "NotifySinch"),
    "threema": Service("Threema Gateway", "threema", "NotifyThreema"),
    "twilio": Service("Twilio", "twilio", "NotifyTwilio"),
    "vonage": Service("Vonage", "vonage", "NotifyVonage"),
    "webex": Service("Webex", "webexteams", "NotifyWebexTeams"),
    "zulip": Service("Zulip", "zulip", "NotifyZulip"),
}
OWN = {
    "discord": "discord",
    "mailto": "email",
    "mailtos": "email",
    "pagerduty": "pagerduty",
    "ses": "email",
    "slack": "slack",
    "tgram": "telegram",
    "whatsapp": "whatsapp",
    "workflow": "teams",
    "workflows": "teams",
    "json": "webhook",
    "jsons": "webhook",
}
"""Those that have a channel of their own, which says more and knows their limits."""
