"""The parameters of the running stack, changed as its owner would change them."""

from __future__ import annotations

from collections.abc import Mapping

from local.deployment import STACK
from tests.e2e.stack import Stack, until


def tell(stack: Stack, parameters: Mapping[str, str]) -> None:
    """Update the stack with other parameters, all else as it is."""
    formation = stack.aws("cloudformation")
    (standing,) = formation.describe_stacks(StackName=STACK)["Stacks"]
    kept = [each["ParameterKey"] for each in standing["Parameters"]]
    formation.update_stack(
        StackName=STACK,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": parameters[name]}
            if name in parameters
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in kept
        ],
    )

    def done() -> bool:
        (now,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        return bool(now["StackStatus"] == "UPDATE_COMPLETE")

    until(done, "the update of the stack", 60)
    # Functions begin anew; whoever comes now would wait for that.
    offered = b"authorize" if any(parameters.values()) else b'content=""'
    until(lambda: offered in page_of(stack), "the page after the update", 60)


def page_of(stack: Stack) -> bytes:
    return stack.call("GET", "/console/", key=None).body
