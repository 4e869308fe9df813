"""Deploys the bare pipeline to the emulator of a running stack."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from bench import ROOT
from local.deployment import client, runtime
from local.place import Place

ROLE = "arn:aws:iam::000000000000:role/bare"


def deploy(place: Place, webhook: str) -> str:
    """Queue, two functions, an HTTP API; returns where events are posted."""
    queues = client(place, "sqs")
    queue_url = queues.create_queue(
        QueueName="bare.fifo",
        Attributes={"FifoQueue": "true", "VisibilityTimeout": "180"},
    )["QueueUrl"]
    found = queues.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    ingest = _function(place, "ingest", {"QUEUE_URL": queue_url})
    _function(place, "sender", {"WEBHOOK": webhook})
    client(place, "lambda").create_event_source_mapping(
        EventSourceArn=found["Attributes"]["QueueArn"],
        FunctionName="bare-sender",
        BatchSize=10,
    )
    return _api(place, ingest)


def _function(place: Place, name: str, variables: dict[str, str]) -> str:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.write(ROOT / "bench" / "bare" / f"{name}.py", "app.py")
    made: dict[str, Any] = client(place, "lambda").create_function(
        FunctionName=f"bare-{name}",
        Runtime=runtime(),
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": sink.getvalue()},
        MemorySize=512,
        Timeout=30,
        Environment={"Variables": variables},
    )
    return str(made["FunctionArn"])


def _api(place: Place, function: str) -> str:
    gateway = client(place, "apigatewayv2")
    api = gateway.create_api(Name="bare", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(
        ApiId=api, RouteKey="POST /events", Target=f"integrations/{integration}"
    )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return f"{place.endpoint}/_aws/execute-api/{api}/$default/events"
