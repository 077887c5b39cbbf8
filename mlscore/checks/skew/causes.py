"""From pairs of values that differ to the likely causes, the one that explains most first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import compress

from mlscore.checks.skew.guess import LEAST_PAIRS, Guess, Values, guess
from mlscore.checks.skew.numbers import number_causes
from mlscore.checks.skew.report import Cause, Likely
from mlscore.checks.skew.texts import number_in, placeholder, text_causes
from mlscore.checks.skew.times import time_causes
from mlscore.tables.shapes import Kind, Scalar

MOST_CAUSES = 3
EVERYWHERE = 0.9  # of all rows: what happened to nearly all of them
LEAST_SHARE = 0.1  # of all differing pairs: what explains less is no cause to name
TIMES = (Kind.DATE, Kind.DATETIME)


def likely_causes(
    pairs: Sequence[tuple[Scalar, Scalar]],
    served: Kind,
    recomputed: Kind,
    others: Sequence[Guess] = (),
    share: float = 1.0,
) -> tuple[Likely, ...]:
    """The causes that explain pairs of (served, recomputed) which differ; empty where no pattern is known.

    `others` are guesses that look at more than the pairs (the row before, another column). The guess that explains most is
    taken, of equals the first; then the rest of the pairs is looked at, three times at most. `share` is the part of all
    rows that differ.
    """
    left = list(range(len(pairs)))
    found: list[Likely] = []
    while left and len(found) < MOST_CAUSES:
        some = [pairs[place] for place in left]
        known = [*_guesses(some, served, recomputed, share), *(_only(other, left) for other in others)]
        best = max(known, key=lambda one: one.count, default=None)
        if best is None or best.count < max(1, LEAST_SHARE * len(pairs)):
            break
        found.append(Likely(best.cause, best.says, round(best.count / len(pairs), 4), best.figure))
        left = [place for place, explained in zip(left, best.explains, strict=True) if not explained]
    return tuple(found)


def _only(other: Guess, left: Sequence[int]) -> Guess:
    return Guess(other.cause, other.says, tuple(other.explains[place] for place in left), other.figure)


def _guesses(pairs: Sequence[tuple[Scalar, Scalar]], served: Kind, recomputed: Kind, share: float) -> Iterator[Guess]:
    """Guesses of every recogniser that the values suit, each spread over all pairs."""
    yield from _missing(pairs)
    present = [not _absent(s) and not _absent(r) for s, r in pairs]
    both = list(compress(pairs, present))
    if not both:
        return
    for found in _of_kinds(both, served, recomputed, share):
        flags = iter(found.explains)
        yield Guess(found.cause, found.says, tuple(there and next(flags) for there in present), found.figure)


def _of_kinds(pairs: Sequence[Values], served: Kind, recomputed: Kind, share: float) -> Iterator[Guess]:
    if served.numeric and recomputed.numeric:
        finite = [math.isfinite(s) and math.isfinite(r) for s, r in pairs]
        numbers = [(float(s), float(r)) for s, r in compress(pairs, finite)]
        for found in number_causes(numbers, everywhere=share > EVERYWHERE) if numbers else ():
            flags = iter(found.explains)
            yield Guess(found.cause, found.says, tuple(there and next(flags) for there in finite), found.figure)
    elif served in TIMES and recomputed in TIMES:
        yield from time_causes([(_time(s), _time(r)) for s, r in pairs])
    elif served is Kind.TEXT and recomputed is Kind.TEXT:
        yield from text_causes([(str(s), str(r)) for s, r in pairs])
    elif served is Kind.BOOLEAN and recomputed is Kind.BOOLEAN:
        yield from _flags(pairs, share)
    elif served is not recomputed:
        yield from _types(pairs, served, recomputed)


def _flags(pairs: Sequence[Values], share: float) -> Iterator[Guess]:
    """Truth values: all the other way round, or one of them wherever they differ."""
    served = {s for s, _ in pairs}
    if len(served) == 2 and share > EVERYWHERE:
        yield from guess(Cause.INVERTED, "true and false are the other way round", (True for _ in pairs))
    elif len(served) == 1 and len(pairs) >= LEAST_PAIRS:
        value = next(iter(served))
        says = f"served is {value} wherever they differ: a constant or a default"
        yield from guess(Cause.CONSTANT, says, (True for _ in pairs), value)


def _absent(value: Scalar) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _missing(pairs: Sequence[Values]) -> Iterator[Guess]:
    """What stands where the other side has nothing: one default, or something."""
    nan = ((s is None) != (r is None) and _absent(s) and _absent(r) for s, r in pairs)
    yield from guess(Cause.NAN, "one side has NaN where the other has null", nan)
    for side, (name, other) in enumerate((("served", "recomputed"), ("recomputed", "served"))):
        alone = [_absent(pair[1 - side]) and not _absent(pair[side]) for pair in pairs]
        values = Counter(pair[side] for pair in compress(pairs, alone))
        if not values:
            continue
        default, count = values.most_common(1)[0]
        if count >= LEAST_PAIRS and count >= 0.9 * sum(alone):
            held = (is_alone and pair[side] == default for is_alone, pair in zip(alone, pairs, strict=True))
            says = f"{name} is {placeholder(default)} where {other} is missing: a default"
            figure = default if isinstance(default, (bool, int, float)) else placeholder(default)
            yield from guess(Cause.DEFAULT, says, held, figure)
        else:
            yield from guess(Cause.MISSING, f"{other} is missing where {name} has a value", alone)


def _types(pairs: Sequence[Values], served: Kind, recomputed: Kind) -> Iterator[Guess]:
    """The same value as two types: 1.5 and "1.5", true and 1."""
    texts = [(str(s), str(r)) for s, r in pairs]
    comma = [("," in s) != ("," in r) and number_in(s) is not None and number_in(s) == number_in(r) for s, r in texts]
    same = [_truth(s) == _truth(r) for s, r in pairs]
    if 2 * sum(comma) >= len(pairs):
        yield from guess(Cause.DECIMAL_COMMA, "one side is a text with a decimal comma", same)
    yield from guess(Cause.TYPE, f"served is {served.value}, recomputed {recomputed.value}, of the same value", same)
    yield from guess(Cause.TYPE, f"served is {served.value}, recomputed {recomputed.value}", (True for _ in pairs))


def _truth(value: Scalar) -> object:
    """A value for the comparison across types: numbers as numbers, truth values as 0 and 1."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    words = {"true": 1.0, "false": 0.0, "t": 1.0, "f": 0.0, "yes": 1.0, "no": 0.0}
    text = str(value).strip()
    number = number_in(text)
    if number is not None:
        return number
    if text.casefold() in words:
        return words[text.casefold()]
    try:
        return _time(text)
    except ValueError:
        return text


def _time(value: Scalar) -> datetime:
    read = datetime.fromisoformat(str(value))
    return read if read.tzinfo is None else read.astimezone(UTC).replace(tzinfo=None)
