"""Credentials out of every text that a person may read: sources, errors, reports, logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

HIDDEN = "***"
# What stands before a URL's host; a password may hold a slash that nobody escaped.
_USERINFO = r"(?<=://)(?:[^\s/:@'\"]*:[^\s'\"]*|[^/\s?#'\"]*)@"
# Parameters of a URL that say what they are: all up to the next one, since a secret may hold quotes and commas.
_PARAMETER = (
    r"(?i)((?<=[?&])(?:[^=&\s]*(?:password|passwd|pwd|secret|token|credential|signature|key)[^=&\s]*|sig)=)[^&\s]*"
)
# What follows an exception's name is its sentence.
_NAMED = (
    r"(?i)\b(?!\w*(?:error|exception): )((?:[\w.-]*"
    r"(?:password|passwd|pwd|secret|token|credential|signature|accountkey|account_key|api_?key|access_?key)"
    r"[\w.-]*|sig|key)\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s&;,'\")]+)"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with user information of URLs, named secrets (`password=`, `token=`, `sig=` ...) and `secrets` hidden."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    userinfo, parameter, named = _compiled()
    text = parameter.sub(rf"\g<1>{HIDDEN}", userinfo.sub(f"{HIDDEN}@", text))
    return named.sub(rf"\g<1>{HIDDEN}", text)


@cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    # When they are first asked for: every start of every command would pay for them.
    return tuple(map(re.compile, (_USERINFO, _PARAMETER, _NAMED)))
