"""The curve as a file: what a monitor of served models reads the greatest age from."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlscore.checks.staleness.shapes import StalenessReport
from mlscore.core.codec import encode
from mlscore.errors import InputError, OutputError

KIND = "mlscore staleness"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """What was measured of a model's ageing, in days: the age at which the loss exceeds its limit, and the interval of it.

    None where no such age was met up to `studied_days`. `judged_on` is the day on which the newest window ends.
    """

    limit_days: float | None
    limit_low: float | None
    limit_high: float | None
    studied_days: float | None
    judged_on: str | None


def write_staleness(report: StalenessReport, path: Path) -> None:
    """Write the report as JSON with its kind and version; the file appears whole or not at all.

    Raises OutputError where the file cannot be written, or another kind of file is there already.
    """
    if path.exists():
        try:
            read_staleness(path)
        except InputError:
            raise OutputError(
                "there is another kind of file, which is not written over", where=path.name, hint="name another file"
            ) from None
    document = {"kind": KIND, "version": VERSION, "judged_on": _ends(report), **encode(report)}
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {error.strerror}", where=path.name, hint="name another file") from None


def read_staleness(path: Path) -> Limit:
    """What such a file says of the greatest age. Raises InputError where it is none, or of a newer version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"the ageing of models cannot be read ({error})", where=path.name, hint="measure it anew"
        ) from None
    if not isinstance(found, dict) or found.get("kind") != KIND:
        raise InputError(
            "it holds no ageing of models", where=path.name, hint="name what `save` of staleness-curve wrote"
        )
    if found.get("version") != VERSION:
        raise InputError(
            f"it is of version {found.get('version')}, {VERSION} is known", where=path.name, hint="upgrade mlscore"
        )
    judged = found.get("judged_on")
    return Limit(
        limit_days=_age(found, "limit_days", path),
        limit_low=_age(found, "limit_low", path),
        limit_high=_age(found, "limit_high", path),
        studied_days=_age(found, "studied_days", path),
        judged_on=judged if isinstance(judged, str) else None,
    )


def _age(found: dict[str, Any], name: str, path: Path) -> float | None:
    value = found.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise InputError(f'"{name}" is {value!r}, which is no age', where=path.name, hint="measure it anew")
    return float(value)


def _ends(report: StalenessReport) -> str | None:
    return report.windows[0].ends if report.windows else None
