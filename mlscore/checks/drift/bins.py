"""Which bins a reference is counted in: chosen once from a sample of it, narrow for the figures, wide for the blocks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.checks.drift import arrays
from mlscore.checks.drift.summary import Facet
from mlscore.tables.shapes import Column, Counts, Kind

FINE = 200  # bins of the figures
# Where the wide bins of the blocks are cut: ten of equal size less their outer ones, which are cut again for the tails.
COARSE = (0.01, 0.05, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.95, 0.99)
MOST_COARSE = 24
MOST_CATEGORIES = 200
# Categories that cover less of the rows than this are not what the column is about: its length and words are.
COVERED = 0.9
MOST_WORDS = 100
# Facets of these questions are counted on the sample, by this program; the others on all rows, by the engine.
SAMPLED = ("hour", "weekday", "day of month", "age", "digits", "lettering", "opening", "words", "repetition")
MOST_DIGITS = 6
DIGITS = tuple(str(digits) for digits in range(1, MOST_DIGITS + 1))
TEXTS_READ = 20_000  # rows of the sample whose texts are read one by one

# A value is repeated when this part of a day's rows have it, and no fewer rows than this.
CROWD, LEAST_CROWD = 0.05, 5
# Columns with more such values have them by nature: flags, ratings, prices of few goods.
MOST_CROWDED = 0.05
REPETITION = ("alone", "repeated")

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
NOTHING = Counts((0,))


@dataclass(frozen=True, slots=True)
class Moments:
    """The times of a sample's rows, where the table has a time column: what ages are counted from."""

    seconds: Floats | None


def facets(column: Column, values: Any, moments: Moments, *, is_time: bool) -> tuple[Facet, ...]:
    """The facets of a column of the reference, without counts, from a sample's Arrow column.

    The first one is counted by the engine and tells the missing rate. `is_time` marks the column that cuts the blocks: its
    values and ages are the blocks themselves.
    """
    match column.kind:
        case Kind.INTEGER | Kind.NUMBER:
            known = arrays.numbers(values)
            found = [ordered("value", known)]
            if _long(known):
                found.append(named("digits", DIGITS, len(DIGITS)))
        case Kind.DATE | Kind.DATETIME:
            found = [ordered("value", np.empty(0))]
            seconds = arrays.moments(values)
            found.append(whole("weekday", 0, 6))
            if not is_time:
                found.append(whole("day of month", 1, 31))
            if column.kind is Kind.DATETIME:
                found.append(whole("hour", 0, 23))
            if not is_time and moments.seconds is not None:
                found.append(ordered("age", moments.seconds - seconds))
        case Kind.BOOLEAN:
            found = [named("value", ("true", "false"), 2)]
        case Kind.TEXT:
            found = _of_texts(arrays.texts(values))
        case _:
            found = [named("value", (), 0)]
    if moments.seconds is not None and not is_time and _hardly_repeats(column.kind, found, values, moments):
        found.append(named("repetition", REPETITION, len(REPETITION)))
    return tuple(found)


def _hardly_repeats(kind: Kind, found: list[Facet], values: Any, moments: Moments) -> bool:
    """Whether a column has values that are as good as its own in every row, so that repeated ones are news."""
    if not (kind.numeric or kind in (Kind.DATE, Kind.DATETIME) or found[0].aspect == "length"):
        return False
    codes = _repetition(values, moments)
    known = int((codes < len(REPETITION)).sum())
    return known > 0 and int((codes == 1).sum()) <= MOST_CROWDED * known


def _of_texts(values: list[str | None]) -> list[Facet]:
    counted = Counter(value for value in values if value is not None)
    rows = sum(counted.values())
    top = [value for value, _ in counted.most_common(MOST_CATEGORIES)]
    covered = sum(counted[value] for value in top)
    if covered >= COVERED * rows:
        return [named("value", tuple(top), _wide(counted, top))]
    lengths = np.array([len(value) for value in values if value is not None], dtype=np.float64)
    some = [values[row] for row in spread(len(values))]
    words = Counter(word for value in some if value is not None for word in value.split())
    known = tuple(word for word, count in words.most_common(MOST_WORDS) if count > 1)
    openings = np.array([arrays.opening(values[row]) for row in spread(len(values))], dtype=np.float64)
    found = [
        ordered("length", lengths),
        ordered("opening", openings),
        named("lettering", arrays.LETTERS, len(arrays.LETTERS)),
    ]
    return [*found, named("words", known, min(len(known), MOST_COARSE))] if known else found


def _wide(counted: Counter[str], top: list[str]) -> int:
    """How many of the categories the blocks tell apart; one that stands alone behind them is told apart as well."""
    return len(top) if len(top) <= MOST_COARSE else min(len(top), MOST_COARSE - 4)


def ordered(aspect: str, values: Floats) -> Facet:
    """A facet of numbers: edges at the quantiles, and at both ends, so that what lies outside is seen."""
    finite = np.sort(values[np.isfinite(values)])
    if not len(finite):
        return Facet(aspect, True, (), (), (), NOTHING)
    shares = np.linspace(0, 1, FINE + 1)[1:-1]
    inner = np.quantile(finite, shares, method="inverted_cdf")
    low = np.nextafter(finite[0], -np.inf)
    edges = np.unique(np.concatenate([[low], inner, [finite[-1]]]))
    edges = edges[np.isfinite(edges)]
    if len(edges) <= MOST_COARSE - 1:
        coarse = np.arange(len(edges))
    else:
        marks = np.quantile(finite, COARSE, method="inverted_cdf")
        places = np.searchsorted(edges, marks, side="left")
        coarse = np.unique(np.concatenate([[0], places, [len(edges) - 1]]))
    return _empty(aspect, tuple(float(edge) for edge in edges), tuple(int(place) for place in coarse))


def whole(aspect: str, first: int, last: int) -> Facet:
    """A facet of small whole numbers, a bin each."""
    edges = tuple(number + 0.5 for number in range(first, last))
    coarse = tuple(range(len(edges))) if len(edges) < MOST_COARSE else tuple(range(2, len(edges), 3))
    return _empty(aspect, edges, coarse)


def named(aspect: str, categories: tuple[str, ...], coarse: int) -> Facet:
    """A facet of names; the blocks tell the first `coarse` of them apart."""
    return Facet(aspect, False, (), categories, (coarse,), Counts((0,) * len(categories)))


def _empty(aspect: str, edges: tuple[float, ...], coarse: tuple[int, ...]) -> Facet:
    return Facet(aspect, True, edges, (), coarse, Counts((0,) * (len(edges) + 1)))


def spread(rows: int) -> Codes:
    """Which of the sample's rows are read one by one: all, or TEXTS_READ of them from its beginning to its end.

    The first ones would be the oldest, and leave the later blocks with none.
    """
    return np.linspace(0, rows - 1, min(rows, TEXTS_READ)).astype(np.int64)


def _long(values: Floats) -> bool:
    """Whether numbers have digits to lose: some of them more than two."""
    values = values[np.isfinite(values)]
    found = digits(values[spread(len(values))])
    return bool(len(found)) and bool(((found == 0) | (found > 2)).mean() > 0.05)


def answers(facet: Facet, kind: Kind, values: Any, moments: Moments) -> tuple[Codes, Codes]:
    """The bin of each answer of a sample's Arrow column, and the row that gave it.

    Codes are the fine bins, then other, missing, NaN. A row gives one answer, and as many to `words` as it has words.
    """
    if facet.aspect == "words":
        return _words(facet, arrays.texts(values))
    if facet.aspect == "repetition":
        codes = _repetition(values, moments)
        return codes, np.arange(len(codes))
    size = len(facet.edges) + 1 if facet.ordered else len(facet.categories)
    if facet.ordered:
        numbers = _numbers(facet.aspect, kind, values, moments)
        codes = np.searchsorted(np.array(facet.edges), numbers, side="left").astype(np.int64)
        codes[np.isnan(numbers)] = size + 2
    elif facet.aspect == "digits":
        numbers = arrays.numbers(values)
        found = digits(numbers)
        codes = np.where(found == 0, size, found - 1)
        codes[np.isnan(numbers)] = size + 2
    else:
        at = {name: place for place, name in enumerate(facet.categories)}
        names = _names(facet.aspect, kind, values)
        codes = np.array([at.get(name, size) if name is not None else size + 1 for name in names], dtype=np.int64)
    codes[arrays.missing(values)] = size + 1
    return codes, np.arange(len(codes))


def _numbers(aspect: str, kind: Kind, values: Any, moments: Moments) -> Floats:
    if aspect == "length":
        return np.array([np.nan if text is None else len(text) for text in arrays.texts(values)], dtype=np.float64)
    if aspect == "opening":
        return np.array([arrays.opening(text) for text in arrays.texts(values)], dtype=np.float64)
    if kind.numeric:
        return arrays.numbers(values)
    seconds = arrays.moments(values)
    match aspect:
        case "hour":
            return arrays.hours(seconds)
        case "weekday":
            return arrays.weekdays(seconds)
        case "day of month":
            return arrays.days_of_month(seconds)
        case "age":
            return moments.seconds - seconds if moments.seconds is not None else np.full(len(seconds), np.nan)
        case _:
            return seconds


def _names(aspect: str, kind: Kind, values: Any) -> list[str | None]:
    if kind in (Kind.BINARY, Kind.NESTED, Kind.OTHER):
        return [""] * len(values)
    texts = arrays.texts(values)
    return [arrays.lettering(text) for text in texts] if aspect == "lettering" else texts


def digits(values: Floats) -> Codes:
    """How many significant digits each number has, 1 to MOST_DIGITS; 0 for more. Infinities have one."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        power = np.floor(np.log10(np.abs(values)))
        found = np.zeros(len(values), dtype=np.int64)
        for number in range(MOST_DIGITS, 0, -1):
            scaled = values * 10.0 ** (number - 1 - power)
            # Nine digits of a double are sure; more would call 0.1 + 0.2 a number of seventeen digits.
            found[np.abs(scaled - np.round(scaled)) <= 1e-9 * np.abs(scaled)] = number
    found[(values == 0) | np.isinf(values)] = 1
    return found


def _repetition(values: Any, moments: Moments) -> Codes:
    """Whether many rows of the same day (in UTC) have the very value of a row: what a stuck sensor or a ceiling leaves.

    Codes as `answers` gives them, for the categories REPETITION.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    found = np.asarray(pc.fill_null(pc.cast(column.indices, pa.int64()), -1).to_numpy(zero_copy_only=False))
    codes = np.where(found < 0, len(REPETITION) + 1, 0).astype(np.int64)
    if pa.types.is_floating(column.dictionary.type) and len(column.dictionary):
        nan = np.flatnonzero(np.asarray(pc.is_nan(column.dictionary).to_numpy(zero_copy_only=False)))
        codes[np.isin(found, nan)] = len(REPETITION) + 2
    if moments.seconds is None:
        return codes
    times = np.nan_to_num(moments.seconds, nan=-arrays.DAY)
    _, day, of_day = np.unique(np.floor(times / arrays.DAY), return_inverse=True, return_counts=True)
    # Of values that are rare in all days together none can be frequent in one.
    often = np.bincount(np.maximum(found, 0), minlength=1)[np.maximum(found, 0)] >= LEAST_CROWD
    rows = np.flatnonzero((codes == 0) & often & np.isfinite(moments.seconds))
    _, place, count = np.unique(
        day[rows] * (found.max(initial=0) + 1) + found[rows], return_inverse=True, return_counts=True
    )
    crowded = count[place] >= np.maximum(LEAST_CROWD, CROWD * of_day[day[rows]])
    codes[rows[crowded]] = 1
    return codes


def _words(facet: Facet, texts: list[str | None]) -> tuple[Codes, Codes]:
    at = {word: place for place, word in enumerate(facet.categories)}
    found = [(at.get(word, len(at)), row) for row, text in enumerate(texts) for word in (text or "").split()]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
