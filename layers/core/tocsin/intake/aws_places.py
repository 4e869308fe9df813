"""AWS's places: regions, partitions, and the console's pages in them."""

from __future__ import annotations

import re

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d")
URL_LENGTH = 2000


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def page(region: str, path: str, partition: str = "") -> str:
    """A page of the console, `path` with `{region}` in it; "" where it has none."""
    host = CONSOLES.get(partition or partition_of(region))
    if not (host and path and REGION.fullmatch(region)):
        return ""
    url = f"https://{host}/{path.replace('{region}', region)}"
    return url if len(url) <= URL_LENGTH else ""


def name_of(arn: str) -> str:
    """The last part of an ARN: what people call the thing."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if arn.startswith("arn:") else arn
