"""Prefect: a flow whose end is told, and a task that tells. Needs Prefect, and
`pip install 'tocsin-client[prefect]'`.

A failure to notify is logged, and fails neither task nor flow.
"""

from __future__ import annotations

from prefect import flow, task

from tocsin_client import Tocsin, typed
from tocsin_client.prefect import notify_task, on_completion, on_failure

tocsin = Tocsin()
tell = notify_task(tocsin, retries=2)


@task
def score_leads() -> list[tuple[str, int]]:
    """Names with their scores."""
    return [("Min-Ji Park", 85), ("Jo Weber", 41)]


@flow(
    name="lead-scoring",
    on_completion=[on_completion(tocsin)],
    on_failure=[on_failure(tocsin)],
    on_crashed=[on_failure(tocsin)],
)
def lead_scoring() -> None:
    """Tell of each lead; those below 80 are kept, and sent to nobody."""
    for name, score in score_leads():
        tell(**typed.lead_hot(first_name=name, score=score))


if __name__ == "__main__":
    lead_scoring()
