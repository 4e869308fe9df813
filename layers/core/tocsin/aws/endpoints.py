"""Endpoints: the host at which a service of AWS answers in a Region.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Partition(NamedTuple):
    """AWS's own, or one that stands apart: its Regions begin alike. `dual` answers over
    IPv6 too."""

    regions: str
    domain: str
    dual: str


PARTITIONS = (
    Partition("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    Partition("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    Partition("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    Partition("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    Partition("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    Partition("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    Partition("", "amazonaws.com", "api.aws"),
)
# Secrets Manager answers over IPv6 under these domains, and has no others there.
_DUAL_ANYWAY = ("amazonaws.com", "amazonaws.com.cn")


def host_of(service: str, region: str, environ: Mapping[str, str]) -> str:
    """Its host: a FIPS one, or one with IPv6, where the environment asks for it."""
    found = next(each for each in PARTITIONS if region.startswith(each.regions))
    fips, dual = _asked("FIPS", environ), _asked("DUALSTACK", environ)
    if service == "secretsmanager":
        dual = dual and found.domain not in _DUAL_ANYWAY
    elif region.startswith("us-gov-") and not dual:
        fips = False  # The plain names are FIPS ones there.
    name = f"{service}-fips" if fips else service
    return f"{name}.{region}.{found.dual if dual else found.domain}"


def _asked(what: str, environ: Mapping[str, str]) -> bool:
    return environ.get(f"AWS_USE_{what}_ENDPOINT", "").lower() == "true"
