"""How often features are missing, and how unlike each other windows of time are: counted by the table, in one pass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlscore.checks.cost.shapes import OverTime
from mlscore.checks.drift.measures import jensen_shannon
from mlscore.checks.intervals import Interval, deviate, share
from mlscore.errors import InputError
from mlscore.tables.shapes import UNDATED, WHOLE, Categories, Counts, Edges, Kind, TimeBlocks, Unit

if TYPE_CHECKING:
    from mlscore.tables.table import Table

MOST_WINDOWS = 36
IN_WINDOW = 500  # rows on average, for a share of it to be told
LEAST_ROWS = 100  # in a window whose values are compared with others
BINS = 10
TOP = 20


def over_time(
    table: Table, features: Sequence[str], time: str | None, alpha: float = 0.01
) -> tuple[tuple[OverTime, ...], Unit | None, list[str]]:
    """Each feature that the table has over windows of `time`, the windows' unit, and what could not be counted.

    The worst windows' intervals are so wide that all of them are right together with probability 1 - `alpha`. Raises
    InputError where `time` is no column of times.
    """
    kinds = {column.name: column.kind for column in table.columns}
    here = [name for name in features if name in kinds]
    lacking = []
    for name in list(here):
        if kinds[name] in (Kind.BINARY, Kind.NESTED):
            here.remove(name)
            lacking.append(f"{name}: how often it is missing, for it holds {kinds[name].value} values")
    unit = None if time is None else _unit(table, time)
    if not here:
        return (), unit, lacking
    ordered = [name for name in here if kinds[name].ordered]
    named = [name for name in here if not kinds[name].ordered]
    bins: dict[str, Edges | Categories] = {name: Edges(()) for name in ordered}
    bins |= table.edges(ordered, BINS)
    bins |= table.top(named, TOP)
    blocks = None if unit is None or time is None else TimeBlocks(time, unit)
    counted = table.counts({name: bins[name] for name in here}, blocks)
    undated = max((of[UNDATED].rows for of in counted.values() if UNDATED in of), default=0)
    if undated:
        lacking.append(f"{undated:,} rows without a time, which are in no window")
    return tuple(_feature(name, counted[name], alpha / len(here)) for name in here), unit, lacking


def _unit(table: Table, time: str) -> Unit | None:
    """The finest unit that makes few windows of many rows; None where all rows are of one moment."""
    from mlscore.checks.drift.clock import SECONDS

    kinds = {column.name: column.kind for column in table.columns}
    if kinds.get(time) not in (Kind.DATE, Kind.DATETIME):
        what = "there is no column" if time not in kinds else f"there are {kinds[time].value} values, not times, in"
        raise InputError(f'{what} "{time}", the time', where=str(table.source), hint="name a column of times")
    found = table.profile([time], bins=1, top=0).columns[0]
    if found.minimum is None or found.minimum == found.maximum:
        return None
    first, last = (datetime.fromisoformat(str(end)) for end in (found.minimum, found.maximum))
    span = (_utc(last) - _utc(first)).total_seconds()
    most = max(1, min(MOST_WINDOWS, found.rows // IN_WINDOW))
    return next((unit for unit, seconds in SECONDS.items() if span / seconds <= most), Unit.YEAR)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _feature(name: str, blocks: Mapping[str, Counts], alpha: float) -> OverTime:
    whole = _total(list(blocks.values()))
    missing = share(whole.null + whole.nan, whole.rows)
    windows = {key: of for key, of in blocks.items() if key not in (WHOLE, UNDATED) and of.rows}
    if len(windows) < 2:
        return OverTime(name, missing)
    each = alpha / len(windows)
    shares = {key: share(of.null + of.nan, of.rows, each) for key, of in windows.items()}
    worst = max(shares, key=lambda key: (shares[key].low, shares[key].value))
    large = [shares[key].value for key, of in windows.items() if of.rows >= LEAST_ROWS]
    unlike = _unlike(windows, each)
    return OverTime(
        feature=name,
        missing=missing,
        worst=shares[worst],
        worst_window=worst,
        spread=max(large) - min(large) if len(large) > 1 else None,
        instability=None if unlike is None else unlike[1],
        unlike_window=None if unlike is None else unlike[0],
        windows=len(windows),
    )


def _unlike(windows: Mapping[str, Counts], alpha: float) -> tuple[str, Interval] | None:
    """The window most surely unlike the others, and its distance to all of them."""
    whole = _total(list(windows.values()))
    found: dict[str, Interval] = {}
    for key, of in windows.items():
        own = _values(of)
        rest = [all_ - part for all_, part in zip(_values(whole), own, strict=True)]
        if sum(own) >= LEAST_ROWS and sum(rest) >= LEAST_ROWS:
            found[key] = distance(own, rest, alpha)
    if not found:
        return None
    worst = max(found, key=lambda key: (found[key].low, found[key].value))
    return worst, found[worst]


def distance(own: Sequence[int], rest: Sequence[int], alpha: float) -> Interval:
    """The Jensen-Shannon distance less what chance gives, and how small it surely is at least.

    Of one distribution, divergence * 8 ln 2 / (1 / n + 1 / m) follows chi-square with a degree for each further bin that
    is not empty, to first order (Menéndez, Morales, Pardo and Salicrú, Statistical Papers 36, 1995): its mean and its
    quantile, by Wilson and Hilferty's formula (PNAS 17, 1931), are what chance gives.
    """
    measured = jensen_shannon(own, rest)
    freedom = sum(a + b > 0 for a, b in zip(own, rest, strict=True)) - 1
    if freedom < 1:
        return Interval(0.0, 0.0, measured)
    unit = (1 / sum(own) + 1 / sum(rest)) / (8 * math.log(2))
    part = 2 / (9 * freedom)
    quantile = freedom * (1 - part + deviate(alpha, sides=1) * math.sqrt(part)) ** 3
    value = math.sqrt(max(0.0, measured**2 - freedom * unit))
    return Interval(value, math.sqrt(max(0.0, measured**2 - quantile * unit)), max(value, measured))


def _total(counts: Sequence[Counts]) -> Counts:
    whole = counts[0]
    for more in counts[1:]:
        whole = whole + more
    return whole


def _values(of: Counts) -> list[int]:
    return [*of.bins, of.other]
