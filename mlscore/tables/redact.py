"""Credentials out of every text that a person may read: errors, reports, logs."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "***"
_USERINFO = re.compile(r"(?<=://)(?:[^\s/:@'\"]*:[^\s'\"]*|[^/\s?#'\"]*)@")
_NAMED = re.compile(
    r"(?i)\b((?:[\w.-]*(?:password|passwd|pwd|secret|token|credential|signature|accountkey|account_key|api_?key|access_?key)"
    r"[\w.-]*|sig|key)\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s&;,'\")]+)"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with user information of URLs, named secrets (`password=`, `token=`, `sig=` ...) and `secrets` hidden."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _NAMED.sub(rf"\g<1>{HIDDEN}", _USERINFO.sub(f"{HIDDEN}@", text))
