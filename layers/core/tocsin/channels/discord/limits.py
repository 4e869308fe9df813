"""What one Discord message can hold, in code points; more is refused with a 400.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

EMBEDS = 10
EMBED_SUM = 6000
TITLE = 256
DESCRIPTION = 4096
FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1024
FOOTER = 2048
CONTENT = 2000
URL = 2048
MENTIONED = 100
ROWS = 5
BUTTONS_PER_ROW = 5
BUTTON_LABEL = 80
BUTTON_URL = 512
THREAD_NAME = 100
USERNAME = 80
TAGS = 5
UPLOADING = 3.0  # s that a call with files may take longer
FILES = 10
FILE = 10 * 1024 * 1024
REQUEST = 25 * 1024 * 1024 - 64 * 1024  # without the JSON that goes along
NONCE = 25
