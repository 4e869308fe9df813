"""The template as data: its resources by type, and what its roles may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

FUNCTIONS = (
    "IngestFunction",
    "HooksFunction",
    "SenderFunction",
    "SweepFunction",
    "DigestFunction",
    "ApiFunction",
)
NO_TOPIC = {"NotResource": {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` becomes {"Ref": "x"}."""


def _intrinsic(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _intrinsic)


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: each.get("Properties", {})
        for name, each in resources.items()
        if each["Type"] == kind
    }


def statements(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, policy in of_type(resources, "AWS::IAM::ManagedPolicy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield name, statement


def actions(statement: dict[str, Any]) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


def granted(resources: dict[str, Any], role: str) -> set[str]:
    return {
        action
        for name, statement in statements(resources)
        if name in (role, "LedgerPolicy")
        for action in actions(statement)
    }


def attribute_of(value: Any) -> str:
    return str(value["Fn::GetAtt"])


def flattened(layers: list[Any]) -> Iterator[Any]:
    for layer in layers:
        yield from layer.get("Fn::If", [layer])
