"""What one Slack message can hold, in code points; more is refused or not shown.

https://docs.slack.dev/reference/block-kit/blocks
https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

MESSAGES = 10
ATTACHMENT_BLOCKS = 20  # undocumented: above it, `invalid_attachments` has been seen
# Undocumented too: `msg_blocks_too_long` has been seen from about 13,200 on.
BLOCK_SUM = 12_000
SECTION = 3000
FIELDS = 10
FIELD = 2000
CONTEXT = 2000
ACTIONS = 25
BUTTON_LABEL = 75
URL = 3000
TEXT = 4000
USERNAME = 80
UPLOADING = 3.0  # s that a message with files may take longer
FILES = 50_000_000  # Slack takes a gigabyte
