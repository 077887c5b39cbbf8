"""Why two times of one example may differ: time zones, daylight saving, lost times of day, days for months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from mlscore.checks.skew.guess import LEAST_PAIRS, Guess, Values, guess
from mlscore.checks.skew.report import Cause

_QUARTER, _HOUR, _DAY = 900, 3600, 86_400
# Zones lie between UTC-12 and UTC+14, so two of them at most 26 hours apart.
_FARTHEST = 26 * _HOUR
_UNITS = ((1, "seconds"), (60, "minutes"), (_HOUR, "hours"), (_DAY, "days"))


def time_causes(pairs: Sequence[Values]) -> Iterator[Guess]:
    """Guesses at differing times (datetimes without a zone, in UTC)."""
    swapped = (_swapped(s, r) for s, r in pairs)
    yield from guess(Cause.DAY_MONTH, "day and month are swapped", swapped)
    apart = [round((s - r).total_seconds(), 6) for s, r in pairs]
    for side, name in enumerate(("served", "recomputed")):
        for seconds, unit in _UNITS:
            cut = [_cut(pair[1 - side], seconds) == pair[side] for pair in pairs]
            if sum(cut) > len(pairs) // 2:
                yield from guess(Cause.CUT_TIME, f"{name} is cut to whole {unit}", cut, seconds)
                break
    common = Counter(apart).most_common(2)
    offset, count = common[0]
    held = [one == offset for one in apart]
    if count >= LEAST_PAIRS or count == len(pairs):
        if _of_zones(offset):
            says = f"served is {_hours(offset)} from recomputed: a time zone shift"
            yield from guess(Cause.ZONE, says, held, offset)
        else:
            yield from guess(Cause.OFFSET, f"served is {_long(offset)} from recomputed", held, offset)
    for side, name in enumerate(("served", "recomputed")):
        value, often = Counter(pair[side] for pair in pairs).most_common(1)[0]
        others = {pair[1 - side] for pair in pairs if pair[side] == value}
        if len(others) >= LEAST_PAIRS and 2 * often >= len(pairs):
            says = f"{name} is always {value.isoformat()}: a constant or a default"
            yield from guess(Cause.CONSTANT, says, (pair[side] == value for pair in pairs), value.isoformat())
    if len(common) == 2 and common[1][1] >= LEAST_PAIRS:
        second = common[1][0]
        zones = all(_of_zones(one) or one == 0 for one in (offset, second))
        if zones and abs(offset - second) == _HOUR:
            held = [one in (offset, second) for one in apart]
            says = f"served is {_hours(offset)} or {_hours(second)} from recomputed: a time zone shift with daylight saving"
            yield from guess(Cause.DAYLIGHT, says, held, offset)


def _of_zones(seconds: float) -> bool:
    return seconds != 0 and seconds % _QUARTER == 0 and abs(seconds) <= _FARTHEST and seconds % _DAY != 0


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR:+g} h"


def _long(seconds: float) -> str:
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (60, "min")):
        if seconds % length == 0:
            return f"{seconds / length:+g} {unit}"
    return f"{seconds:+g} s"


def _swapped(served: datetime, recomputed: datetime) -> bool:
    try:
        return recomputed.replace(day=recomputed.month, month=recomputed.day) == served
    except ValueError:
        return False


def _cut(value: datetime, seconds: int) -> datetime:
    if seconds == 1:
        return value.replace(microsecond=0)
    if seconds == 60:
        return value.replace(second=0, microsecond=0)
    if seconds == _HOUR:
        return value.replace(minute=0, second=0, microsecond=0)
    return value.replace(hour=0, minute=0, second=0, microsecond=0)
