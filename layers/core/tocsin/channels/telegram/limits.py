"""What one Telegram message can hold; text is counted in UTF-16 units, without tags.

https://core.telegram.org/bots/api#sendmessage
"""

from __future__ import annotations

TEXT = 4096
CAPTION = 1024  # of a file
FILE = 50_000_000
UPLOADING = 3.0  # s that a message with files may take longer
PHOTOS = ("image/png", "image/jpeg", "image/webp")  # an animation would stand still

MESSAGES = 10  # of ours in one of theirs
BUTTONS = 100
BUTTONS_PER_ROW = 8
BUTTON_LABEL = 64
KEYBOARD = 8_000  # bytes; Telegram refuses those of about 10,000
URL = 2048
MENTIONED = 10
