"""A table's profile, as a person reads it: one row per column with a small histogram; as text and as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlscore.report.histogram import blocks, svg
from mlscore.report.layout import Pen, cells

if TYPE_CHECKING:
    from mlscore.tables.shapes import ColumnProfile, Profile, Scalar

PICTURE = 12
MOST_NAME = 24
_HEAD = ("column", "kind", "missing", "distinct", "shape", "values")


def render_profile(profile: Profile, *, width: int = 100, unicode: bool = True) -> str:
    """The profile as lines of at most `width` characters, where the widest names and figures allow it."""
    pen = Pen(width, unicode=unicode)
    rows = [_HEAD, *(_row(column, pen) for column in profile.columns)]
    longest = [min(max(cells(row[place]) for row in rows), MOST_NAME) for place in range(5)]
    longest[4] = PICTURE
    left = width - sum(longest) - 2 * len(longest)
    lines = [headline(profile, pen), ""]
    for row in rows:
        fixed = [_aligned(pen, row[place], longest[place], right=place in (2, 3)) for place in range(5)]
        lines.append("  ".join([*fixed, pen.cut(row[5], max(left, 16))]).rstrip())
    if profile.estimated:
        lines += ["", f"estimated: {pen.text('; '.join(profile.estimated))}"]
    return "\n".join(lines) + "\n"


def render_profile_markdown(profile: Profile) -> str:
    """The profile as a Markdown table; each histogram is a picture within the text, as a data URI."""
    pen = Pen(10_000, unicode=True)
    lines = [f"### {_cell(headline(profile, pen))}", "", f"| {' | '.join(_HEAD)} |", "|---|---|--:|--:|---|---|"]
    for column in profile.columns:
        name, kind, missing, distinct, _, values = _row(column, pen)
        counts = _counts(column)
        picture = f"![{_cell(name)}]({data_uri(svg(counts, title=name))})" if any(counts) else ""
        lines.append(f"| {_cell(name)} | {kind} | {missing} | {distinct} | {picture} | {_cell(values)} |")
    if profile.estimated:
        lines += ["", f"Estimated: {_cell('; '.join(profile.estimated))}."]
    return "\n".join(lines) + "\n"


def headline(profile: Profile, pen: Pen) -> str:
    """`flights.parquet: 336,776 rows, 19 columns`."""
    columns = len(profile.columns)
    rows = f"{profile.rows:,} {'row' if profile.rows == 1 else 'rows'}"
    return f"{pen.text(profile.source)}: {rows}, {columns:,} {'column' if columns == 1 else 'columns'}"


def data_uri(picture: str) -> str:
    """An SVG as the address of a picture that needs no file."""
    from base64 import b64encode

    return "data:image/svg+xml;base64," + b64encode(picture.encode("utf-8")).decode("ascii")


def figure(number: float) -> str:
    """A number as a person reads it: four significant digits; whole numbers in full, with separators from 10,000 on."""
    if number != number or math.isinf(number):
        return str(number)
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}" if abs(number) >= 10_000 else str(int(number))
    return f"{number:.4g}" if abs(number) < 1e4 else f"{number:,.0f}" if abs(number) < 1e15 else f"{number:.4g}"


def share(part: float, whole: float) -> str:
    """A share in percent; never 0 % or 100 % for what is neither."""
    if not whole or not part:
        return "-" if not part else "100%"
    percent = 100 * part / whole
    if percent < 0.1:
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 99.95 or part == whole else ">99.9%"


def _row(column: ColumnProfile, pen: Pen) -> tuple[str, str, str, str, str, str]:
    distinct = "" if column.distinct is None else f"{column.distinct:,}"
    return (
        pen.text(column.name),
        column.kind.value,
        share(column.null, column.rows),
        distinct,
        blocks(_counts(column), PICTURE, unicode=pen.unicode),
        pen.text(_values(column)),
    )


def _counts(column: ColumnProfile) -> tuple[int, ...]:
    """What the picture shows: the histogram, else the frequent values and the rest."""
    if column.histogram:
        return column.histogram
    found = tuple(one.count for one in column.top)
    rest = column.present - sum(found)
    return (*found, rest) if found and rest > 0 else found


def _values(column: ColumnProfile) -> str:
    if not column.present:
        return "no value at all" if column.rows else ""
    said: list[str] = []
    if column.kind.numeric and column.minimum is not None:
        said.append(f"{_shown(column.minimum)} to {_shown(column.maximum)}")
        if column.mean is not None:
            spread = "" if column.deviation is None else f" (sd {figure(column.deviation)})"
            said.append(f"mean {figure(column.mean)}{spread}")
        said += [f"{share(column.nan, column.rows)} NaN"] if column.nan else []
        said += [f"{share(column.infinite, column.rows)} infinite"] if column.infinite else []
    elif column.true is not None:
        said.append(f"{share(column.true, column.present)} true")
    elif column.top and column.kind.named:
        said.append(", ".join(f"{_shown(one.value)} {share(one.count, column.present)}" for one in column.top[:4]))
    elif column.minimum is not None:
        said.append(f"{_shown(column.minimum)} to {_shown(column.maximum)}")
    if column.empty:
        said.append(f"{share(column.empty, column.rows)} empty")
    return "; ".join(said)


def _shown(value: Scalar) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return figure(value)
    text = str(value)
    return f'"{text}"' if text != text.strip() or not text else text


def _aligned(pen: Pen, text: str, width: int, *, right: bool) -> str:
    cut = pen.cut(text, width)
    gap = " " * (width - cells(cut))
    return gap + cut if right else cut + gap


def _cell(text: str) -> str:
    from mlscore.report.markdown import text as markdown_text

    return markdown_text(text)
