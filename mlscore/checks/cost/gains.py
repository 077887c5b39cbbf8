"""What features gain: from the benefit that permuting shows, or from a file that somebody else has made."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.cost.shapes import Gain
from mlscore.checks.intervals import Interval
from mlscore.checks.spec import shown
from mlscore.errors import InputError

if TYPE_CHECKING:
    from mlscore.checks.benefit.shapes import BenefitReport

_HINT = 'write {"feature": {"value": 0.02, "low": 0.01, "high": 0.03}}, or CSV with feature, gain, low and high'
JOINED = " + "  # as groups of features are named


def gains_of(report: BenefitReport) -> tuple[Gain, ...]:
    """The gains that `check_benefit` has found."""
    return tuple(Gain(one.features, one.gain) for one in report.benefits)


def read_gains(path: Path, root: Path) -> tuple[Gain, ...]:
    """The gains of a file: JSON by feature, the details of `feature-benefit`, or CSV (feature, gain, low, high).

    Features that gain together are joined by " + ". A gain without limits has none: it is as large as it says. Raises
    InputError, with the file, when it cannot be read or holds no gain.
    """
    where = shown(path, root)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the gains cannot be read ({type(error).__name__})", where=where, hint=_HINT) from None
    try:
        records = list(_json(json.loads(text)) if text.lstrip().startswith(("{", "[")) else _csv(text))
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise InputError(f"the gains cannot be understood ({error})", where=where, hint=_HINT) from None
    if not records:
        raise InputError("there is no gain in it", where=where, hint=_HINT)
    found = [Gain(names, _interval(names, *numbers, where=where)) for names, *numbers in records]
    seen: set[frozenset[str]] = set()
    for one in found:
        if frozenset(one.features) in seen:
            raise InputError(f"the gain of {JOINED.join(one.features)} is there twice", where=where, hint="keep one")
        seen.add(frozenset(one.features))
    return tuple(found)


Record = tuple[tuple[str, ...], Any, Any, Any]


def _json(given: Any) -> Iterable[Record]:
    if isinstance(given, Mapping) and isinstance(given.get("benefits"), list):
        for one in given["benefits"]:
            of = one["gain"]
            yield tuple(map(str, one["features"])), of["value"], of["low"], of["high"]
        return
    if not isinstance(given, Mapping):
        raise TypeError("it is a list, and not gains by feature")
    for name, of in given.items():
        if isinstance(of, Mapping):
            yield _names(name), of["value"], of.get("low"), of.get("high")
        else:
            yield _names(name), of, None, None


def _csv(text: str) -> Iterable[Record]:
    reader = csv.DictReader(text.splitlines())
    for name in ("feature", "gain"):
        if name not in (reader.fieldnames or ()):
            raise ValueError(f"there is no column {name}")
    for row in reader:
        yield _names(row["feature"]), row["gain"], row.get("low") or None, row.get("high") or None


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(JOINED.strip()))


def _interval(names: tuple[str, ...], value: Any, low: Any, high: Any, *, where: str) -> Interval:
    try:
        middle = math.nan if isinstance(value, bool) else float(value)
        ends = [middle if end is None else float(end) for end in (low, high)]
    except (TypeError, ValueError):
        middle, ends = math.nan, [math.nan]
    if math.isnan(middle) or not math.isfinite(middle) or not ends[0] <= middle <= ends[-1]:
        raise InputError(f"the gain of {JOINED.join(names)} is no number within its limits", where=where, hint=_HINT)
    return Interval(middle, ends[0], ends[1])
