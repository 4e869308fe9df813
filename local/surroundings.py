"""Environments for the processes of a local stack: nothing of a real AWS account."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.place import HOST, Place

REGION: Final = "us-east-1"
# Under their names in the inbox.
STAND_INS: Final = (
    "discord",
    "slack",
    "teams",
    "telegram",
    "webhook",
    "pagerduty",
    "whatsapp",
    "apprise",
    "sms",
)
_NO_PROXY: Final = f"{HOST},localhost"


def plain(environment: Mapping[str, str]) -> dict[str, str]:
    """Without AWS settings and Python paths; loopback never goes through a proxy."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "PYTHON", "POWERTOOLS_"))
    }
    return kept | {
        "NO_PROXY": _NO_PROXY,
        "no_proxy": _NO_PROXY,
        "PYTHONUNBUFFERED": "1",
    }


def toward_emulator(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """For AWS clients and SAM: the emulator, invented credentials, no user's files."""
    return plain(environment) | {
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(place.folder / "sam"),
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), environment.get("PATH", "")]
        ),
    }


def of_emulator(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """For the emulator; the functions inherit it, and so the stand-ins' addresses.

    The host's name is part of every queue's address and of the state on disk, so it is
    fixed, and numeric: `localhost` may mean ::1, where nothing listens.
    """
    stand_in = {
        f"TOCSIN_{name.upper()}_BASE": f"{place.inbox_url}/{name}" for name in STAND_INS
    } | {"TOCSIN_SMTP": place.smtp, "TOCSIN_FRONT_BASE": place.api_url}
    chosen = {k: v for k, v in environment.items() if k.startswith("TOCSIN_") and v}
    return (
        plain(environment)
        | stand_in
        | chosen
        | {
            "GATEWAY_PORT": str(place.ports.emulator),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": place.endpoint,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(place.folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(place.folder / "state" / "s3"),
            "TMPDIR": str(place.folder / "tmp"),
            # Mail that it takes as SES is shown in the inbox.
            "SMTP_HOST": place.smtp,
            # Listeners of services that we do not use, on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
    )


def time_scale(environment: Mapping[str, str]) -> float:
    """How many times faster the clocks run (1 = as on AWS)."""
    try:
        return max(float(environment.get("TOCSIN_TIME_SCALE") or 1), 0.001)
    except ValueError:
        return 1.0
