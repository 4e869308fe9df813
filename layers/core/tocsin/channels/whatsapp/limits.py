"""WhatsApp's limits, in UTF-16 units, which count no less than WhatsApp does.

https://developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages
https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

TEXT = 4096
CAPTION = 1024
# A template's body holds 1024 with its own words: those have what is left.
PARAMETERS = 800
PARAMETER_TITLE = 240
PARAMETERS_COUNT = 10
CORRELATION = 512
URL = 2000
# What of each part is shown in a session message.
MESSAGES = 10
TITLE = 240
STATE = 300
FACTS = 25
FACT_NAME = 60
FACT_VALUE = 400
LINKS = 10
LABEL = 60
FOOTER = 200
