"""Refusals in Slack's two voices: a word as plain text, or JSON with status 200."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

# What a webhook answers beside the word; every other one is a 400.
_STATUS: Final = {
    "action_prohibited": 403,
    "channel_is_archived": 410,
    "channel_not_found": 404,
    "invalid_token": 403,
    "no_active_hooks": 404,
    "no_service": 404,
    "no_team": 404,
    "posting_to_general_channel_denied": 403,
    "rollup_error": 500,
    "team_disabled": 403,
}


class Refusal(Exception):
    """Slack turns the call down: `error` is its word, `details` say where."""

    def __init__(self, error: str, *details: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details
        self.more = more

    @property
    def status(self) -> int:
        """The status of a webhook's answer; the API says 200."""
        return _STATUS.get(self.error, 400)

    def body(self) -> Json:
        """The API's answer."""
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.details:
            body["errors"] = list(self.details)
            body["response_metadata"] = {
                "messages": [f"[ERROR] {detail}" for detail in self.details]
            }
        return body

    def reason(self) -> str:
        """The same in one line for people."""
        return "; ".join((self.error, *self.details))
