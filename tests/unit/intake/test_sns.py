"""SNS messages: alarms, events, and whatever else is published to a topic."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.intake.payloads import alarm, payload
from tests.unit.intake.test_cloudwatch import JSON
from tocsin.errors import Invalid
from tocsin.events import Event
from tocsin.intake.batch import Received
from tocsin.intake.sns import read_notification

TOPIC = "arn:aws:sns:eu-central-1:123456789012:billing"


def received(message: Any, **sns: Any) -> Received:
    """What one message on the topic becomes."""
    text = message if isinstance(message, str) else json.dumps(message)
    told = {"MessageId": "m-1", "TopicArn": TOPIC, "Message": text} | sns
    batch = read_notification({"Records": [{"Sns": told}]})
    (one,) = batch.received
    return one


def read(message: Any, **sns: Any) -> Event:
    return received(message, **sns).event


def test_the_message_id_is_the_key() -> None:
    assert received("hello").key == "m-1"
    assert received({"type": "a", "title": "b"}).key == "m-1"
    assert received("hello", MessageId=None).key == ""


@pytest.mark.parametrize("subject", [{}, {"Subject": None}, {"Subject": " "}])
def test_without_a_subject_the_first_line_is_the_title(subject: dict[str, Any]) -> None:
    event = read("Disk full\nOn db-1.", **subject)

    assert (event.title, event.message) == ("Disk full", "On db-1.")


def test_the_subject_is_the_title_and_the_text_the_message() -> None:
    event = read("All of it\nhere", Subject="Told\nshortly")

    assert (event.title, event.message) == ("Told shortly", "All of it\nhere")
    assert event.source == "billing"
    assert event.labels == {
        "topic": "billing",
        "region": "eu-central-1",
        "account": "123456789012",
    }
    assert event.state is None


def test_a_long_first_line_is_told_in_full_below() -> None:
    event = read("x" * 300)

    assert len(event.title) == 200
    assert event.message == "x" * 300


def test_an_empty_message_is_still_told() -> None:
    assert read("").title == "Message from billing"
    assert read("", TopicArn=None).title == "Message from SNS"
    assert read("", TopicArn="odd").title == "Message from odd"


def test_the_longest_topic_name_fits() -> None:
    assert read("text", TopicArn=f"{TOPIC}{'x' * 249}").source.startswith("billingx")


def test_attributes_are_labels_and_state_the_severity() -> None:
    attributes = {
        "severity": {"Type": "String", "Value": "P1"},
        "team": {"Type": "String", "Value": "money"},
        "odd": 7,
    }

    event = read("text", MessageAttributes=attributes)

    assert event.severity == "high"
    assert event.labels["team"] == "money"


def test_alarms_events_and_cloudevents_are_read_by_their_adapters() -> None:
    cloudevent = {"specversion": "1.0", "type": "c", "source": "s", "id": "1"}

    assert read(alarm()).type == "aws.cloudwatch.alarm"
    assert read({"type": "a.b", "title": "t", "severity": "low"}).severity == "low"
    assert read(cloudevent).type == "c"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"type": "a", "title": "t", "severity": "hihg"}, "severity: not a severity"),
        ({"type": "a", "title": "t", "titel": "t"}, 'did you mean "title"?'),
        ({"specversion": "1.0", "title": "t"}, "type: is missing"),
    ],
)
def test_what_is_almost_an_event_is_told_with_the_reason(
    message: dict[str, Any], why: str
) -> None:
    event = read(message)

    assert event.title == "t"
    assert event.fields[0].name == "Not read as an event"
    assert why in event.fields[0].value
    assert event.data == message


def test_even_what_is_too_large_within_is_told() -> None:
    inner = base64.b64encode(json.dumps([{"k": 1}] * 5001).encode()).decode()
    message = {"specversion": "1.0", "type": "c", "source": "s", "id": "1"}

    event = read(message | {"data_base64": inner}, Subject="Big")

    assert event.title == "Big"
    assert event.fields[0].value == "the body has more than 5,000 keys"


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ({"detail-type": "EC2 State Change", "detail": {}}, "EC2 State Change"),
        ({"summary": "In short", "a": 1}, "In short"),
        ({"a": 1}, "Message from billing"),
        ([1, 2], "Message from billing"),
    ],
)
def test_other_json_is_shown_as_code(message: Any, title: str) -> None:
    event = read(message)

    assert event.title == title
    assert event.format == "markdown"
    code = event.message.removeprefix("```json\n").removesuffix("\n```")
    assert json.loads(code) == message


def test_the_words_of_other_json_come_before_its_code() -> None:
    event = read({"message": "Read me. ```", "severity": "warning"})

    assert event.message.startswith("Read me. '''\n\n```json\n{")
    assert event.severity == "medium"


def test_json_cannot_close_its_code_block() -> None:
    message = read({"a": "```\n@everyone", "b": "``````"}).message

    assert message.count("```") == 2
    code = message.removeprefix("```json\n").removesuffix("\n```")
    assert json.loads(code)["b"] == "``````"


def test_long_json_is_cut_within_its_block() -> None:
    message = read({"a": ["x" * 50] * 500}).message

    assert len(message) < 3100
    assert message.endswith("…\n```")


@pytest.mark.parametrize(
    "text", ["{not json", "[" * 5000, '{"a": NaN}', '"text"', "42", '{"a":1,"a":2}']
)
def test_what_cannot_be_read_as_json_is_text(text: str) -> None:
    event = read(text, Subject="s")

    assert (event.message, event.format) == (text, "text")


def test_each_record_is_judged_by_itself() -> None:
    record = payload("sns-text")["Records"][0]

    batch = read_notification({"Records": [record, {}, 7, {"Sns": "x"}, record]})

    assert len(batch.received) == 2
    assert [rejection.index for rejection in batch.rejections] == [1, 2, 3]


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": {}}])
def test_what_is_no_sns_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="not an SNS event"):
        read_notification(event)


SNS = st.fixed_dictionaries(
    {},
    optional={
        "MessageId": JSON,
        "TopicArn": JSON | st.just(TOPIC),
        "Subject": JSON,
        "Timestamp": JSON,
        "MessageAttributes": JSON
        | st.dictionaries(st.text(), st.fixed_dictionaries({"Value": JSON})),
        "Message": JSON
        | JSON.map(json.dumps)
        | st.dictionaries(
            st.sampled_from(
                [*Event.model_fields, "specversion", "id", "AlarmArn", "subject"]
            ),
            JSON,
        ).map(json.dumps),
    },
)


@settings(max_examples=60)
@given(st.lists(SNS, min_size=1, max_size=2))
def test_any_message_at_all_is_an_event(messages: list[dict[str, Any]]) -> None:
    batch = read_notification({"Records": [{"Sns": told} for told in messages]})

    assert len(batch.received) == sum(1 for told in messages if told)
    for one in batch.received:
        assert one.event.title or one.event.message
        one.event.model_dump_json().encode()
