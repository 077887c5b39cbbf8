"""A schema proposed from what a table holds, with the reason and the slack of every rule; a person then corrects it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from mlscore.checks.schema import shapes
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Literal, Rule, Schema, Unmapped
from mlscore.errors import InputError
from mlscore.tables import conditions as c
from mlscore.tables.shapes import ColumnProfile, Kind, Profile, TableOptions

if TYPE_CHECKING:
    from mlscore.tables.table import Table

MOST_VALUES = 60  # a column of more different values is no list of values
SLACK = 0.1  # of the span of numbers seen, on either side
LENGTH_SLACK = 0.5
FEW = 30  # fewer rows say too little for limits
# Shapes of text, from the narrowest: the first that every value has is proposed.
_SHAPES: tuple[tuple[str, str], ...] = (
    (r"[0-9]+", "digits alone"),
    (r"[A-Z]+", "capital letters alone"),
    (r"[a-z]+", "small letters alone"),
    (r"[A-Z0-9]+", "capital letters and digits alone"),
    (r"[a-z0-9]+", "small letters and digits alone"),
    (r"[A-Za-z0-9_-]+", "letters, digits, dashes and underscores alone"),
    (r"[!-~]+( [!-~]+)*", "ASCII words with single spaces between them"),
    (r"[ -~]*", "ASCII characters alone"),
    (r"[^\x00-\x20\x7f]+( [^\x00-\x20\x7f]+)*", "words with single spaces between them"),
    (r"[^\x00-\x1f\x7f]*", "characters that are no control characters"),
)
# What UTF-8 looks like when it was read as Latin-1 or Windows-1252, and the sign for what could not be read at all.
_MOJIBAKE = "[ÂÃ][\u0080-\u00bf\u2018-\u201e\u2020-\u2022\u20ac\u0152\u0153\u0160\u0161\u0178]|â€|\ufffd"
_LABELS = "pandas numbers rows by it: it is no data, so nothing is proposed, and files may come with and without it"
_READ = (Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME)


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is exactly known of a text column beside its profile."""

    shape: tuple[str, str] | None
    reads: Kind | None
    mangled: bool


def infer_schema(source: object, *, options: TableOptions | None = None) -> Schema:
    """Propose a schema of a source: a path, a frame, a Table.

    Every rule's `reason` says what was seen, how much slack was added and why. Types, missing values, limits of numbers
    and lengths, lists of values, shapes of text and unique columns are proposed; how many rows there may be is not,
    save that there are any. Raises InputError where the source cannot be read or has no rows.
    """
    from mlscore.checks.schema.check import opened

    with opened(source, options) as table:
        labels = [column.name for column in table.columns if column.labels_rows]
        data = [column.name for column in table.columns if not column.labels_rows]
        profile = table.profile(data if labels else None, top=MOST_VALUES + 1)
        if not profile.rows:
            raise InputError("the table has no rows, so no schema can be proposed", where=str(table.source))
        texts = _texts(table, profile)
        unique = _unique(table, profile)
        columns = tuple(_column(column, profile.rows, texts, unique) for column in profile.columns)
    rows = shapes.RowCount(low=1, reason="An empty table is no data. How many rows come is left to you.")
    source = f"proposed from {profile.source}"
    return Schema(
        columns=columns,
        rules=(rows,),
        strict=True,
        unmapped=tuple(Unmapped(name, "row labels", _LABELS, source) for name in labels),
        source=source,
        form="mlscore TOML",
    )


def _texts(table: Table, profile: Profile) -> dict[str, _Texts]:
    """For each text column the narrowest shape that every value has, and what every value can be read as: one pass."""
    asked: dict[str, c.Condition] = {}
    for number, column in enumerate(profile.columns):
        if (
            column.kind is Kind.TEXT
            and column.present
            and "VARCHAR" in column.native.upper().replace("TEXT", "VARCHAR")
        ):
            for place, (pattern, _) in enumerate(_SHAPES):
                asked[f"{number} shape {place}"] = c.Not(c.Matches(column.name, pattern, full=True))
            asked[f"{number} mangled"] = c.Matches(column.name, _MOJIBAKE)
            for kind in _READ:
                asked[f"{number} reads {kind.value}"] = c.Not(c.Parses(column.name, kind))
    counted = table.violations(asked) if asked else {}
    found = {}
    for number, column in enumerate(profile.columns):
        fits = [shape for place, shape in enumerate(_SHAPES) if counted.get(f"{number} shape {place}") == 0]
        reads = [kind for kind in _READ if counted.get(f"{number} reads {kind.value}") == 0]
        mangled = counted.get(f"{number} mangled") != 0
        found[column.name] = _Texts(fits[0] if fits else None, reads[0] if reads else None, mangled)
    return found


def _unique(table: Table, profile: Profile) -> set[str]:
    """The columns whose values are all different: candidates by their estimated number of values, then counted exactly."""
    found = set()
    for column in profile.columns:
        fit = column.kind in (Kind.INTEGER, Kind.TEXT) and not column.null and profile.rows >= FEW
        if fit and column.distinct is not None and column.distinct >= 0.9 * profile.rows:
            repeated = c.Repeated((column.name,))
            if not table.violations({"repeated": repeated})["repeated"]:
                found.add(column.name)
    return found


def _column(column: ColumnProfile, rows: int, texts: Mapping[str, _Texts], unique: set[str]) -> ColumnRules:
    rules: list[Rule] = []
    if column.kind is not Kind.OTHER:
        rules.append(shapes.OfKind((column.kind,), reason=f"All {rows:,} rows are of the type {column.native}."))
    rules += _missing(column, rows)
    if not column.present - column.nan:
        return ColumnRules(column.name, tuple(rules), reason="No value was seen, so nothing is said of values.")
    if column.name in unique:
        rules.append(shapes.Unique((column.name,), reason=f"All {rows:,} values are different, as those of an id are."))
    if column.kind.numeric:
        rules += _numbers(column, rows, column.name in unique)
    elif column.kind in (Kind.DATE, Kind.DATETIME):
        rules += _times(column)
    elif column.kind is Kind.TEXT and column.name in texts:
        rules += _words(column, texts[column.name])
    return ColumnRules(column.name, tuple(rules))


def _missing(column: ColumnProfile, rows: int) -> Iterator[Rule]:
    missing = column.null + column.nan
    share = missing / rows
    if missing == rows:
        return
    if not missing:
        yield shapes.Present(reason=f"None of {rows:,} values is missing, so none may be.")
        return
    slack = max(0.5 * share, 4 * math.sqrt(share * (1 - share) / rows))
    allowed = min(1.0, _up(share + slack))
    if allowed >= 1:
        return
    yield shapes.Present(
        tolerated=allowed,
        reason=f"{missing:,} of {rows:,} values are missing ({share:.2%}); half as many again may be, "
        "and at least four standard errors more.",
    )


def _up(share: float) -> float:
    """A share rounded up to two digits that count."""
    if share <= 0:
        return 0.0
    places = 1 - math.floor(math.log10(share))
    return float(round(math.ceil(round(share * 10.0**places, 6)) / 10.0**places, places))


def _numbers(column: ColumnProfile, rows: int, is_id: bool) -> Iterator[Rule]:
    if column.kind is Kind.NUMBER and not column.infinite:
        yield shapes.Finite(nan=False, reason="No value is infinite.")
    low, high = column.minimum, column.maximum
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return
    rule = _limits(column, low, high, rows, is_id)
    if column.infinite and rule is not None:
        share = _up(min(1.0, 2 * column.infinite / (column.present - column.nan)))
        told = f" {column.infinite:,} values are infinite, so twice their share may lie outside."
        rule = replace(rule, tolerated=share, reason=rule.reason + told)
    if rule is not None:
        yield rule


def _limits(column: ColumnProfile, low: float, high: float, rows: int, is_id: bool) -> shapes.Within | None:
    seen = f"Seen from {low:g} to {high:g}" if isinstance(low, float) else f"Seen from {low:,} to {high:,}"
    if is_id:
        return shapes.Within(low=0, reason=f"{seen}. An id grows, so there is no limit above.") if low >= 0 else None
    if low == high:
        return shapes.Within(low, high, reason=f"Only {low} was seen. Widen this if other values are right.")
    if rows < FEW:
        why = f"{seen} in only {rows:,} rows: as much again as the span was added on either side."
        return shapes.Within(*_sides(low, high, 1.0), reason=why)
    if column.kind is Kind.NUMBER and low >= 0 and 0.5 < high <= 1:
        return shapes.Within(0.0, 1.0, reason=f"{seen}: it looks like a share, so 0 to 1 is allowed.")
    sides = _sides(low, high, SLACK)
    why = f"{seen}; a tenth of the span was added on either side, since new rows may go a little further"
    why += ", but not beyond 0, which no value crosses" if sides != _sides(low, high, SLACK, crossing=True) else ""
    return shapes.Within(*sides, reason=f"{why}.")


def _sides(low: float, high: float, share: float, *, crossing: bool = False) -> tuple[float, float]:
    slack = (high - low) * share
    below, above = low - slack, high + slack
    if not crossing:
        below = max(below, 0) if low >= 0 else below
        above = min(above, 0) if high <= 0 else above
    if isinstance(low, int) and isinstance(high, int):
        return math.floor(below), math.ceil(above)
    return _digits(below), _digits(above)


def _digits(value: float) -> float:
    return float(f"{value:.6g}") if math.isfinite(value) else value


def _times(column: ColumnProfile) -> Iterator[Rule]:
    if not isinstance(column.minimum, str):
        return
    try:
        first = datetime.fromisoformat(column.minimum)
    except ValueError:
        return
    low: Literal = first if column.kind is Kind.DATETIME else date(first.year, first.month, first.day)
    seen = f"Seen from {column.minimum} to {column.maximum}"
    yield shapes.Within(
        low=low, reason=f"{seen}. Earlier ones are not expected; later ones will come, so there is no limit above."
    )


def _words(column: ColumnProfile, known: _Texts) -> Iterator[Rule]:
    listed = sum(value.count for value in column.top)
    values = tuple(value.value for value in column.top if isinstance(value.value, str))
    closed = len(values) <= MOST_VALUES and listed >= 0.99 * column.present and len(values) < 0.5 * column.present
    if closed and len(values) == len(column.top):
        once = sum(value.count == 1 for value in column.top) + (column.present - listed)
        tolerated = _up(2 * once / column.present) if once else 0.0
        why = f"Only these {len(values)} values were seen in {column.present:,} rows"
        if once:
            why += f"; {once:,} stood there once or are not listed, so about that share of new rows may bring others; "
            why += "twice that is allowed"
        yield shapes.Among(tuple(sorted(values)), tolerated=min(tolerated, 1.0), reason=f"{why}.")
    elif column.shortest is not None and column.longest is not None:
        low, high = column.shortest, column.longest
        if low == high:
            yield shapes.Sized(low, high, reason=f"Every value has {low} characters.")
        else:
            wide = (max(1 if low else 0, math.floor(low * (1 - LENGTH_SLACK))), math.ceil(high * (1 + LENGTH_SLACK)))
            yield shapes.Sized(
                *wide, reason=f"Seen with {low} to {high} characters; half as much was added on either side."
            )
    if known.reads is not None:
        yield shapes.Parsed(known.reads, reason=f"Every value can be read as {known.reads.value}.")
    if known.shape is not None and not closed:
        pattern, said = known.shape
        yield shapes.Pattern(pattern, Anchor.WHOLE, reason=f"Every value consists of {said}.")
        if not known.mangled and not pattern.startswith(("[0", "[A", "[a", "[!", "[ ")):
            why = "No value looks like text read in the wrong encoding."
            yield shapes.Pattern(_MOJIBAKE, Anchor.ANYWHERE, negated=True, reason=why)
