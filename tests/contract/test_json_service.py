"""Our own way of asking AWS agrees with botocore's: bodies, answers, refusals, and the
signature."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import ClientError
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.conftest import TABLE
from tests.fakes.moto_http import MotoHttp
from tocsin.aws.calls import client, code_of
from tocsin.aws.endpoints import host_of
from tocsin.aws.json_service import PROTOCOLS, Refusal, _stand_in
from tocsin.aws.role import Credentials, Request, signed

ITEM = {
    "pk": {"S": "ä\ud83d\ude00"},
    "sk": {"S": "a"},
    "doc": {"B": bytes(range(256))},
    "dl": {"M": {"ops": {"M": {"r": {"N": "0"}, "j": {"S": '{"s":"sent"}'}}}}},
    "td": {"BOOL": True},
}
KEY = {"pk": ITEM["pk"], "sk": ITEM["sk"]}
PUT = {"TableName": TABLE, "Item": ITEM}
ONCE = {**PUT, "ConditionExpression": "attribute_not_exists(pk)"}
ALL_OF_IT = {
    "TableName": TABLE,
    "KeyConditionExpression": "pk = :pk",
    "ExpressionAttributeValues": {":pk": ITEM["pk"]},
}
COUNTED = {
    "TableName": TABLE,
    "Key": KEY,
    "UpdateExpression": "ADD oc :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
    "ReturnValues": "ALL_NEW",
}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", PUT),
    ("delete_item", {"TableName": TABLE, "Key": KEY}),
    ("get_item", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    ("get_item", {"TableName": TABLE, "Key": {**KEY, "sk": {"S": "none"}}}),
    ("batch_get_item", {"RequestItems": {TABLE: {"Keys": [KEY]}}}),
    ("query", ALL_OF_IT),
    ("query", {**ALL_OF_IT, "Limit": 1}),
    ("update_item", COUNTED),
    ("transact_write_items", {"TransactItems": [{"Put": PUT}]}),
]


@pytest.fixture
def ours(aws: Session) -> Any:
    return client("dynamodb")


@pytest.fixture
def theirs(aws: Session) -> Any:
    return aws.create_client("dynamodb", config=Config(parameter_validation=False))


def heard_of(theirs: Any) -> list[dict[str, Any]]:
    """The bodies that botocore sends."""
    bodies: list[dict[str, Any]] = []

    def listen(request: AWSRequest, **_: object) -> None:
        bodies.append(json.loads(request.data or b""))

    theirs.meta.events.register("request-created.dynamodb", listen)
    return bodies


@pytest.mark.parametrize(("name", "asked"), CALLS)
def test_the_same_is_asked_and_answered(
    ours: Any, theirs: Any, name: str, asked: dict[str, Any]
) -> None:
    theirs.put_item(**PUT)
    theirs.put_item(TableName=TABLE, Item={**ITEM, "sk": {"S": "b"}})
    bodies = heard_of(theirs)
    answers = [partial(getattr(caller, name), **asked)() for caller in (theirs, ours)]
    bodies += [asked for _, asked in MotoHttp.calls[-1:]]
    tokens = [body.pop("ClientRequestToken", "") for body in bodies]
    assert answers[0].pop("ResponseMetadata")["HTTPStatusCode"] == 200
    if name == "update_item":
        assert [each["Attributes"].pop("oc") for each in answers] == [
            {"N": "1"},
            {"N": "2"},
        ]

    assert bodies[0] == bodies[1]
    assert answers[0] == answers[1]
    assert [len(token) for token in tokens] in ([0, 0], [36, 32])


def test_what_is_given_is_left_alone(ours: Any) -> None:
    asked = {"RequestItems": {TABLE: {"Keys": [KEY]}}}
    ours.batch_get_item(**asked)
    assert asked == {"RequestItems": {TABLE: {"Keys": [KEY]}}}


def test_a_condition_that_fails_is_told_by_the_same_name(
    ours: Any, theirs: Any
) -> None:
    ours.put_item(**ONCE)
    with pytest.raises(Refusal) as refused:
        ours.put_item(**ONCE)
    with pytest.raises(ClientError) as raised:
        theirs.put_item(**ONCE)
    assert code_of(refused.value) == "ConditionalCheckFailedException"
    assert code_of(raised.value) == code_of(refused.value)


def test_a_cancelled_transaction_tells_which_write_lost(ours: Any, theirs: Any) -> None:
    ours.put_item(**ONCE)
    fine = {**PUT, "Item": {**ITEM, "sk": {"S": "b"}}}
    writes = [{"Put": fine}, {"Put": ONCE}]
    reasons: list[Any] = []
    for caller, error in ((ours, Refusal), (theirs, ClientError)):
        with pytest.raises(error) as raised:
            caller.transact_write_items(TransactItems=writes)
        reasons.append(raised.value.response.get("CancellationReasons"))  # type: ignore[attr-defined]
    assert [each["Code"] for each in reasons[0]] == ["None", "ConditionalCheckFailed"]
    assert [each["Code"] for each in reasons[1]] == [
        each["Code"] for each in reasons[0]
    ]


def test_a_transaction_has_a_token_of_its_own(ours: Any) -> None:
    """Asked again by the client itself it is the same one: then it counts once."""
    for _ in range(2):
        ours.transact_write_items(TransactItems=[{"Put": PUT}])
    tokens = [asked["ClientRequestToken"] for _, asked in MotoHttp.calls]

    assert len(set(tokens)) == len(tokens) == 2


@pytest.mark.parametrize("service", PROTOCOLS)
def test_services_are_addressed_as_botocore_does(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    theirs = Session().create_client(service)
    model = theirs.meta.service_model
    named = model.service_id.upper().replace(" ", "_")
    variable = {f"AWS_ENDPOINT_URL_{named}": "http://127.0.0.1:9"}

    assert client(service)._url == f"{theirs.meta.endpoint_url}/"
    assert _stand_in(service, variable) == "http://127.0.0.1:9"
    assert PROTOCOLS[service].target == model.metadata["targetPrefix"]
    version = model.metadata["jsonVersion"]
    assert PROTOCOLS[service].kind == f"application/x-amz-json-{version}"


@pytest.mark.parametrize("service", PROTOCOLS)
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("dual", [False, True])
def test_botocore_finds_the_same_address_everywhere(
    *, service: str, fips: bool, dual: bool
) -> None:
    """In every Region that it knows, with and without FIPS and IPv6. China, which has
    no FIPS, is left out of that."""
    session = Session()
    loader = session.get_component("data_loader")
    provider = EndpointProvider(
        loader.load_service_model(service, "endpoint-rule-set-1"),
        loader.load_data("partitions"),
    )
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition)
        if not (fips and region.startswith("cn-"))
    ]
    environ = {
        "AWS_USE_FIPS_ENDPOINT": str(fips),
        "AWS_USE_DUALSTACK_ENDPOINT": str(dual).lower(),
    }
    how = {"UseFIPS": fips, "UseDualStack": dual}
    theirs = {
        region: provider.resolve_endpoint(Region=region, **how).url
        for region in regions
    }

    assert len(regions) > 30
    assert theirs == {
        region: f"https://{host_of(service, region, environ)}" for region in regions
    }


@given(
    body=st.binary(max_size=200),
    token=st.sampled_from(["", "a-token/of+the=role"]),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
    region=st.sampled_from(["eu-central-1", "us-east-1"]),
    service=st.sampled_from(sorted(PROTOCOLS)),
    at=st.integers(1_700_000_000, 1_900_000_000),
)
def test_the_signature_is_botocore_s(
    body: bytes, token: str, secret: str, region: str, service: str, at: int
) -> None:
    role = Credentials("AKIDEXAMPLE", secret, token)
    host = f"{service}.{region}.amazonaws.com"
    request = Request(service, region, host, "application/x-amz-json-1.0", "A.B", body)
    ours = signed(request, role, at)

    theirs = AWSRequest(
        "POST",
        f"https://{host}/",
        data=body,
        headers={"content-type": request.kind, "x-amz-target": request.target},
    )
    theirs.context["timestamp"] = ours["x-amz-date"]
    read_only = ReadOnlyCredentials(role.access_key, role.secret_key, role.token)
    auth = SigV4Auth(read_only, service, region)
    theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    told = auth.canonical_request(theirs)
    signature = auth.signature(auth.string_to_sign(theirs, told), theirs)

    assert ours["authorization"].endswith(f"Signature={signature}")
    assert ours.get("x-amz-security-token", "") == token


def test_what_dynamodb_would_refuse_is_refused_though_moto_takes_it(ours: Any) -> None:
    unused = {":one": {"N": "1"}, ":two": {"N": "2"}}
    counted = {"Key": KEY, "UpdateExpression": "ADD oc :one", "TableName": TABLE}
    with pytest.raises(Refusal) as caught:
        ours.transact_write_items(
            TransactItems=[{"Update": {**counted, "ExpressionAttributeValues": unused}}]
        )

    assert code_of(caught.value) == "ValidationException"
    assert "unused in expressions: keys: {:two}" in str(caught.value.response)
