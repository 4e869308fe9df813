"""Limits of a mail: what servers take, and what mail programs show whole.

https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3
"""

from __future__ import annotations

RECIPIENTS = 50
ADDRESS = 254
LOCAL_PART = 64
NAME = 80
PREFIX = 40
UNSUBSCRIBE = 900
# What is shown of each part, in bytes of HTML. All of them together stay below 102 KB,
# where Gmail cuts a mail off.
SUBJECT = 150
TITLE = 1_000
STATE = 1_500
PREHEADER = 300
BODY = 24_000
CODE = 24_000
FACTS = 25
FACT_NAME = 200
FACT_VALUE = 1_200
FACTS_SUM = 16_000
LINKS = 20
LINK_LABEL = 240
LINK_URL = 2_000
LINKS_SUM = 14_000
FOOTER = 600
# Of all files. In the mail they take a third more, and 10 MB are what servers take.
FILES = 7_000_000
UPLOADING = 3.0  # s that a mail with files may take longer
