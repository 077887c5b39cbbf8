"""The "schema" of a file that mlscore wrote: is it ours, of the wanted kind, and not newer than we are?"""

from __future__ import annotations

import re
from typing import Any

from mlscore.errors import InputError

_NAME = re.compile(r"mlscore-([a-z]+)/([0-9]{1,6})", re.ASCII)


class NewerSchemaError(InputError):
    """The file is whole, and this version of mlscore too old to read it."""


def check_schema(data: Any, wanted: str, *, where: str) -> None:
    """Raise InputError unless `data`, parsed JSON, says that it follows the schema `wanted`, such as "mlscore-report/1"."""
    kind, _, ours = wanted.removeprefix("mlscore-").partition("/")
    schema = data.get("schema") if isinstance(data, dict) else None
    match = _NAME.fullmatch(schema) if isinstance(schema, str) else None
    if match is None:
        raise InputError(
            f'this is no {kind} of mlscore: it has no "schema" of ours', where=where, hint=f"name a {kind} in JSON"
        )
    if match[1] != kind:
        raise InputError(f"this is a {match[1]} of mlscore, not a {kind}", where=where, hint=f"name a {kind}")
    if int(match[2]) > int(ours):
        raise NewerSchemaError(
            f"written by a newer mlscore: its schema is {schema}, this one reads up to {wanted}",
            where=where,
            hint="upgrade mlscore: pip install --upgrade ml-test-score",
        )
    if int(match[2]) < int(ours):
        raise InputError(f"the schema {schema} is not known", where=where, hint=f"write the {kind} again")
