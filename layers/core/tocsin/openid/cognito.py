"""Cognito: what its user pools do otherwise than the standard says."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode, urlsplit

# Both forms of API_IssuerConfigurationType, in the Cognito API reference.
_HOST: Final = re.compile(r"(issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.com")


def leaving(issuer: str, leave: str, client_id: str) -> str:
    """Where one leaves a user pool too; where to go then comes at its end. "" at other
    issuers: who signs out here has not asked to leave all that their company has.

    The sign-in page keeps its visitor for an hour, whatever we forget. It knows neither
    `post_logout_redirect_uri` nor `id_token_hint` ("Logout endpoint", developer guide).
    """
    if not leave or not _HOST.fullmatch(urlsplit(issuer).hostname or ""):
        return ""
    return f"{leave}?{urlencode({'client_id': client_id, 'logout_uri': ''})}"
