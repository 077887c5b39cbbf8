"""Values of a column, drawn by hypothesis from its rule, with the edges that break code."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.errors import UsageError
from mlscore.tables.extras import need
from mlscore.tables.shapes import Kind

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# Where nothing bounds a number it is no greater than this: a schema that allows 1e300 rarely means it.
WIDEST = 1_000_000
_MOMENTS = (
    "2024-02-29T00:00:00", "2024-02-29T23:59:59", "2023-12-31T23:59:59", "2024-01-01T00:00:00", "1970-01-01T00:00:00",
    "2024-03-31T02:30:00", "2024-10-27T02:30:00", "2023-06-15T12:00:00", "2000-01-01T00:00:00",
    "2024-06-30T13:45:10.123456",
)  # fmt: skip
_TEXTS = ("", " ", "a", "0", "Ñandú", "O'Neil", 'say "x"', "a,b", "a\nb", "nan", "None", "😀", "x" * 60, "ß", "İ")


def pool(rule: ColumnRule, size: int, seed: int, words: Sequence[Any] = (), real: Sequence[Any] = ()) -> list[Any]:
    """Valid values, the simplest first, then edges, then about `size` that hypothesis draws; none of them null.

    `words` are constants of the function's own code, which its branches may ask for. `real` are real values, for a column
    that nothing can be generated for. Raises UsageError where there is no value at all.
    """
    if rule.opaque:
        found = [value for value in real if not absent(value)]
        if not found and not rule.nullable:
            what = f"no value can be generated for the column {rule.name!r} ({rule.dtype})"
            raise UsageError(what, hint="give real rows, or declare its dtype or the values it may hold")
        return found[:size]
    edges = [value for value in (*simple(rule), *_edges(rule), *words) if fits(rule, value)]
    drawn = _drawn(rule, size, seed) if rule.allowed is None else rule.allowed[: max(size, 200)]
    kept: dict[Any, Any] = {}
    for value in (*edges, *drawn):
        if rule.allows(value):
            kept.setdefault((type(value), str(value)), value)
    if not kept:
        raise UsageError(
            f"no value that the column {rule.name!r} may hold was found", hint="mend its rules, or give real rows"
        )
    return list(kept.values())


def strategy(rule: ColumnRule) -> SearchStrategy[Any]:
    """hypothesis' strategy for the present values of a column."""
    st = need("hypothesis.strategies")
    low: Any
    high: Any
    match rule.kind:
        case Kind.BOOLEAN:
            found = st.booleans()
        case Kind.INTEGER:
            low, high = _integers(rule)
            found = st.integers(low, high)
        case Kind.NUMBER:
            low, high = _numbers(rule)
            found = st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False)
            if str(rule.dtype).lower() == "float32":
                found = found.map(_single)
        case Kind.DATETIME:
            pandas = need("pandas")
            zone = getattr(rule.dtype, "tz", None)
            low, high = (_naive(one) for one in (rule.low, rule.high))
            found = st.datetimes(low or datetime(2015, 1, 1), high or datetime(2030, 12, 31)).map(
                lambda moment: (
                    pandas.Timestamp(moment).tz_localize("UTC").tz_convert(zone) if zone else pandas.Timestamp(moment)
                )
            )
        case Kind.DATE:
            found = st.dates(rule.low or date(2015, 1, 1), rule.high or date(2030, 12, 31))
        case _:
            found = _texts(rule)
    chosen: SearchStrategy[Any] = found
    return chosen


def _texts(rule: ColumnRule) -> Any:
    st = need("hypothesis.strategies")
    if rule.written is not None:
        written = rule.written
        return st.datetimes(rule.low, rule.high).map(lambda moment: moment.strftime(written))
    if rule.patterns:
        return st.one_of([st.from_regex(pattern, fullmatch=True) for pattern in rule.patterns])
    signs = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
    return st.text(
        st.one_of(st.sampled_from("abcXYZ019 -_"), signs),
        min_size=rule.shortest,
        max_size=rule.longest or rule.shortest + 12,
    )


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """hypothesis writes nothing into the project: what it notes of the modules' sources goes to a folder for the moment."""
    configuration = need("hypothesis.configuration")
    before = getattr(configuration, "__hypothesis_home_directory", None)
    with tempfile.TemporaryDirectory(prefix="mlscore-", ignore_cleanup_errors=True) as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


@lru_cache(maxsize=512)
def _drawn(rule: ColumnRule, size: int, seed: int) -> tuple[Any, ...]:
    hypothesis = need("hypothesis")
    found: list[Any] = []

    settings = hypothesis.settings(
        max_examples=size,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )

    def draw(value: Any) -> None:
        found.append(value)

    try:
        with _nothing_kept():
            hypothesis.seed(seed)(settings(hypothesis.given(strategy(rule))(draw)))()
    except (hypothesis.errors.Unsatisfiable, hypothesis.errors.InvalidArgument):
        return ()  # bounds that cross, texts shorter than their pattern
    except re.error as error:
        raise UsageError(f"a pattern of the column {rule.name!r} is no regular expression: {error}") from None
    return tuple(found)


@lru_cache(maxsize=512)
def _least(rule: ColumnRule) -> list[Any]:
    """What hypothesis takes for the simplest text of the column's patterns."""
    hypothesis = need("hypothesis")
    settings = hypothesis.settings(max_examples=20, database=None, deadline=None)
    try:
        with _nothing_kept():
            return [hypothesis.find(strategy(rule), lambda _: True, settings=settings)]
    except (hypothesis.errors.HypothesisException, re.error):
        return []  # no such text; `pool` says so


def simple(rule: ColumnRule) -> list[Any]:
    """Values that a person understands at a glance, simplest first, those that the rule allows."""
    pandas = need("pandas")
    low: Any
    high: Any
    if rule.allowed is not None:
        return list(rule.allowed[:2])
    match rule.kind:
        case Kind.BOOLEAN:
            found: list[Any] = [False, True]
        case Kind.INTEGER:
            low, high = _integers(rule)
            found = [0, 1, 2, low, high]
        case Kind.NUMBER:
            low, high = _numbers(rule)
            found = [0.0, 1.0, 2.0, 0.5, low, high]
        case Kind.DATETIME:
            found = [pandas.Timestamp("2000-01-01"), pandas.Timestamp("2024-01-01")]
            zone = getattr(rule.dtype, "tz", None)
            if zone is not None:
                found = [one.tz_localize("UTC").tz_convert(zone) for one in found]
            found += [one for one in (rule.low, rule.high) if one is not None]
        case Kind.DATE:
            found = [date(2000, 1, 1), date(2024, 1, 1), *(one for one in (rule.low, rule.high) if one is not None)]
        case _ if rule.written is not None:
            found = [datetime(2000, 1, 1).strftime(rule.written), datetime(2024, 2, 29, 23, 59).strftime(rule.written)]
        case _ if rule.patterns:
            found = _least(rule)
        case _:
            found = ["a", "", "b", "0", "aa"]
    return [value for value in found if fits(rule, value)]


def _edges(rule: ColumnRule) -> list[Any]:
    low: Any
    high: Any
    match rule.kind:
        case Kind.INTEGER:
            low, high = _integers(rule)
            return [low, low + 1, high, high - 1, 0, 1, -1, 10, 100, 12, 23, 24, 59, 60]
        case Kind.NUMBER:
            low, high = _numbers(rule)
            return [low, high, 0.0, -1.0, 1.0, 1e-9, 0.1, 1 / 3, 99.5, 100.0, (low + high) / 2]
        case Kind.DATETIME:
            pandas = need("pandas")
            zone = getattr(rule.dtype, "tz", None)
            moments = [pandas.Timestamp(text) for text in _MOMENTS]
            return [one.tz_localize("UTC").tz_convert(zone) if zone else one for one in moments] + [
                one for one in (rule.low, rule.high) if one is not None
            ]
        case Kind.DATE:
            return [date(2024, 2, 29), date(2023, 12, 31), date(1970, 1, 1)]
        case Kind.TEXT:
            return list(_TEXTS)
    return []


def fits(rule: ColumnRule, value: Any) -> bool:
    """Whether a value that somebody thought of is of the column's kind and allowed."""
    kinds = {
        Kind.BOOLEAN: (bool,),
        Kind.INTEGER: (int,),
        Kind.NUMBER: (float,),
        Kind.TEXT: (str,),
        Kind.DATETIME: (datetime,),
        Kind.DATE: (date,),
    }.get(rule.kind, ())
    if rule.allowed is None and (
        not isinstance(value, kinds) or (isinstance(value, bool) and rule.kind is not Kind.BOOLEAN)
    ):
        return False
    limits = _limits(rule.dtype) if rule.kind is Kind.INTEGER and rule.allowed is None else None
    if limits is not None and not limits[0] <= value <= limits[1]:
        return False
    try:
        return rule.allows(value)
    except TypeError:
        return False


@lru_cache(maxsize=64)
def _limits(dtype: Any) -> tuple[int, int] | None:
    """The least and the greatest whole number that a dtype holds; None where it is none of whole numbers."""
    numpy = need("numpy")
    try:
        info = numpy.iinfo(getattr(dtype, "numpy_dtype", dtype))
    except (TypeError, ValueError):
        return None
    return int(info.min), int(info.max)


def _integers(rule: ColumnRule) -> tuple[int, int]:
    """The bounds of whole numbers, within what the dtype holds."""
    held = _limits(rule.dtype) or (-WIDEST, WIDEST)
    least, most = max(-WIDEST, held[0]), min(WIDEST, held[1])
    low = math.ceil(rule.low) if rule.low is not None else min(least, rule.high if rule.high is not None else least)
    high = math.floor(rule.high) if rule.high is not None else max(most, low)
    return int(low), int(high)


def _numbers(rule: ColumnRule) -> tuple[float, float]:
    low = float(rule.low) if rule.low is not None else min(-float(WIDEST), float(rule.high or 0))
    high = float(rule.high) if rule.high is not None else max(float(WIDEST), low)
    return max(low, -1e300), min(high, 1e300)


def _single(value: float) -> float:
    import struct

    return float(struct.unpack("f", struct.pack("f", value))[0])


def _naive(moment: Any) -> datetime | None:
    if moment is None:
        return None
    plain: datetime = moment.to_pydatetime(warn=False) if hasattr(moment, "to_pydatetime") else moment
    return plain if plain.tzinfo is None else plain.astimezone(UTC).replace(tzinfo=None)
