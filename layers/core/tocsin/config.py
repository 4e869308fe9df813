"""Configuration from the environment: what the template tells a function.

Some variables speed up or redirect the LOCAL stack. They count only where the AWS
endpoint itself is a loopback address, so that no such switch exists on AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import Field

from tocsin.delivery import Timing
from tocsin.events import Frozen

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Environment(Frozen):
    """The variables a function may have. `bases` redirect channels, locally only."""

    table: str = Field(min_length=1)
    queue_url: str = ""
    dlq_url: str = ""
    secrets_prefix: str = ""
    signing_secrets_prefix: str = ""
    admin_key_secret: str = ""
    ingest_key_secret: str = ""
    link_key_secret: str = ""
    public_url: str = ""
    ops_topic: str = ""
    https_topics: str = ""
    originals_bucket: str = ""
    enriched_account: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_audience: str = ""
    oidc_scope: str = ""
    oidc_claim: str = ""
    oidc_operators: str = ""
    oidc_admins: str = ""
    retention_days: int = Field(default=90, ge=1)
    local: bool = False
    time_scale: float = Field(default=1.0, gt=0)
    bases: dict[str, str] = Field(default_factory=dict)

    @property
    def timing(self) -> Timing:
        """The clocks of retrying and healing."""
        return Timing().scaled(self.time_scale)


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Raises pydantic's ValidationError when the template and the code disagree."""
    own = {
        name: variables[f"TOCSIN_{name.upper()}"]
        for name in Environment.model_fields
        if name not in ("local", "time_scale", "bases")
        and f"TOCSIN_{name.upper()}" in variables
    }
    endpoint = urlsplit(variables.get("AWS_ENDPOINT_URL", "")).hostname
    if endpoint not in _LOOPBACK:
        return Environment.model_validate(own)
    suffix = "_BASE"
    bases = {
        name.removeprefix("TOCSIN_").removesuffix(suffix).lower(): value
        for name, value in variables.items()
        if name.startswith("TOCSIN_") and name.endswith(suffix) and value
    }
    if server := variables.get("TOCSIN_SMTP"):
        bases["email"] = server
    bases.setdefault("aws", variables["AWS_ENDPOINT_URL"])
    scale = variables.get("TOCSIN_TIME_SCALE") or "1"
    if "front" in bases:
        own["public_url"] = bases["front"]
    local = {"local": True, "time_scale": scale, "bases": bases}
    return Environment.model_validate({**own, **local})
