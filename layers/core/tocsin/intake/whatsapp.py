"""WhatsApp: what a source of its webhooks may tell about. They are no events; `hearing`
reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tocsin.events import Frozen

PhoneId = Annotated[str, StringConstraints(pattern=r"^\d{5,25}$")]


class Options(Frozen):
    """`phone_number_ids` are the numbers of ours that are its app's; none = all."""

    phone_number_ids: Annotated[tuple[PhoneId, ...], Field(max_length=50)] = ()
