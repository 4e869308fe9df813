"""All resources of the API, in the order in which the docs tell them."""

from __future__ import annotations

from typing import Any

from tocsin.api import (
    attachments,
    configuration,
    dead_letters,
    destination_signature,
    destinations,
    event_types,
    links,
    metrics,
    notifications,
    outlook,
    previews,
    service,
    silences,
    sources,
)
from tocsin.api.operation import Operation
from tocsin.api.reach import Reach


def all_operations(reach: Reach) -> list[Operation[Any, Any]]:
    """Every operation that the api function serves."""
    resources = (
        notifications,
        dead_letters,
        configuration,
        destinations,
        destination_signature,
        event_types,
        silences,
        sources,
        links,
        metrics,
        outlook,
        previews,
        attachments,
    )
    listed = [each for resource in resources for each in resource.operations(reach)]
    return [*listed, *service.operations(reach, listed)]
