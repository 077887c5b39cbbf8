"""The last run of a pipeline that is too dear to run each time: its result in a file, stamped with day and commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mlscore.core.evidence import Value
from mlscore.errors import InputError, OutputError

_FORM = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One run's result as it is kept: when and of which commit, and by what configuration (`of`)."""

    day: date
    commit: str | None
    of: str
    passed: bool
    summary: str
    values: tuple[Value, ...]
    hollow: str | None

    def counts(self, of: str, today: date, most_days: int) -> bool:
        """Whether it stands for a run now: it passed, by the same configuration, and no longer ago than that."""
        return self.passed and self.of == of and 0 <= (today - self.day).days <= most_days


def configuration(options: Mapping[str, Any]) -> str:
    """A digest of what was configured."""
    text = json.dumps(options, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_record(path: Path, name: str) -> Record | None:
    """The record, None where there is none. Raises InputError where it cannot be read."""
    again = "remove it: the next run writes it anew"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"the record of the last run cannot be read: {error}", where=name, hint=again) from None
    try:
        if held["form"] != _FORM:
            raise ValueError(f"it is of the form {held['form']}")
        return Record(
            date.fromisoformat(held["date"]),
            held["commit"],
            str(held["configuration"]),
            held["passed"] is True,
            str(held["summary"]),
            tuple(Value(one["name"], one["value"], one["unit"], one["threshold"]) for one in held["values"]),
            held["hollow"],
        )
    except (KeyError, TypeError, ValueError) as error:
        what = f"the record of the last run does not hold what it should ({type(error).__name__}: {error})"
        raise InputError(what, where=name, hint=again) from None


def write_record(path: Path, record: Record, name: str) -> None:
    """Write the record. Raises OutputError where that cannot be."""
    held = {
        "form": _FORM,
        "date": record.day.isoformat(),
        "commit": record.commit,
        "configuration": record.of,
        "passed": record.passed,
        "summary": record.summary,
        "values": [
            {"name": one.name, "value": one.value, "unit": one.unit, "threshold": one.threshold}
            for one in record.values
        ],
        "hollow": record.hollow,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=name, hint="mend record") from None
