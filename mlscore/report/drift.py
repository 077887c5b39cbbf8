"""A drift report as a person reads it: the drifted columns first, each with its two histograms; as text and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.report.histogram import blocks, svg
from mlscore.report.layout import Pen, cells
from mlscore.report.profile import data_uri, figure, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlscore.checks.drift.report import ColumnDrift, DriftReport, Trial

PICTURE = 12
MOST_NAME = 24
MOST_STEADY = 8
_HEAD = ("column", "effect", "limit", "reference", "current", "what happened")


def render_drift(report: DriftReport, *, width: int = 100, unicode: bool = True) -> str:
    """The report as lines of about `width` characters: what drifted, with its shape before and now, then what did not."""
    pen = Pen(width, unicode=unicode)
    lines = [pen.text(line) for line in _heading(report)]
    drifted = sorted((c for c in report.columns if c.drifted), key=_urgency)
    if drifted:
        rows = [_HEAD, *(_row(column, pen) for column in drifted)]
        longest = [min(max(cells(row[place]) for row in rows), MOST_NAME) for place in range(3)]
        room = max(width - sum(longest) - 2 * PICTURE - 10, 20)
        lines.append("")
        for row in rows:
            start = [_padded(pen, row[0], longest[0])]
            start += [pen.cut(row[place], longest[place]).rjust(longest[place]) for place in (1, 2)]
            start += [_padded(pen, row[place], PICTURE) for place in (3, 4)]
            first, *more = pen.wrap(row[5], room) or [""]
            lines.append("  ".join([*start, first]).rstrip())
            lines += [" " * (width - room) + line for line in more]
    lines.append("")
    for line in (*_others(report), _steady(report, pen)):
        first, *more = pen.wrap(pen.text(line), pen.width - 2, first=pen.width) or [""]
        lines += [first, *(f"  {one}" for one in more)]
    return "\n".join(lines).rstrip() + "\n"


def render_drift_markdown(report: DriftReport) -> str:
    """The report as Markdown; histograms are pictures within the text: bars are current, the line is the reference."""
    pen = Pen(10_000, unicode=True)
    first, *rest = _heading(report)
    lines = [f"### {_cell(first)}", "", *(f"{_cell(line)}  " for line in rest), ""]
    drifted = sorted((c for c in report.columns if c.drifted), key=_urgency)
    if drifted:
        lines += ["| column | effect | limit | current over reference | what happened |", "|---|--:|--:|---|---|"]
        for column in drifted:
            name, effect, limit, _, _, what = _row(column, pen)
            picture = ""
            if column.histogram is not None:
                drawn = svg(column.histogram.current, beside=column.histogram.reference, title=name)
                picture = f"![{_cell(name)}]({data_uri(drawn)})"
            lines.append(f"| {_cell(name)} | {effect} | {limit} | {picture} | {_cell(what)} |")
        lines.append("")
    lines += [f"- {_cell(line)}" for line in filter(None, (*_others(report), _steady(report, pen)))]
    return "\n".join(lines).rstrip() + "\n"


def _heading(report: DriftReport) -> Iterator[str]:
    found = len(report.found)
    columns = f"{len(report.columns)} {'column' if len(report.columns) == 1 else 'columns'}"
    if not report.reference_rows or not report.current_rows:
        yield "one side has no rows: nothing can be compared"
    elif found:
        yield f"{found} of {columns} drifted"
    elif report.drifted:
        yield f"none of {columns} drifted by itself, but the table did"
    else:
        yield f"none of {columns} drifted"
    yield (
        f"{report.current} ({report.current_rows:,} rows) against {report.reference} ({report.reference_rows:,} rows)"
        f"{f' by {report.time}' if report.time else ''}"
    )


def _others(report: DriftReport) -> Iterator[str]:
    """What is said of the table as a whole, of the thresholds, and of how they came about."""
    for trial in report.rows_drift:
        if trial.drifted:
            yield f"rows: {trial.aspect}: {_held(trial)}"
    if report.joint is not None and report.joint.drifted:
        pairs = "; ".join(
            f"{pair.left} and {pair.right}: {pair.reference:.2f} then, {pair.current:.2f} now"
            for pair in report.joint.pairs
        )
        yield "columns go together otherwise than before" + (f" ({pairs})" if pairs else "")
    if report.gained:
        yield f"columns the reference has not: {_listed(report.gained)}"
    known = report.calibration
    stood = (
        f"{known.windows} separate windows of {known.window} {_unit(known.unit, known.window)}"
        if known.windows
        else "independent rows, with a higher floor: the reference has too few windows to learn from"
    )
    yield f"thresholds: at most {report.false_alarms:.2g} false alarms a run over {known.tests} tests, from {stood}"
    yield from (f"note: {note}" for note in report.notes)


def _unit(unit: str, number: int) -> str:
    word = "block of rows" if unit == "rows" else unit
    head, _, tail = word.partition(" ")
    return word if number == 1 else f"{head}s {tail}".rstrip()


def _steady(report: DriftReport, pen: Pen) -> str:
    names = [pen.text(column.name) for column in report.columns if not column.drifted]
    return f"steady: {_listed(names)}" if names else ""


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:MOST_STEADY]) + (
        f" and {len(names) - MOST_STEADY} more" if len(names) > MOST_STEADY else ""
    )


def _urgency(column: ColumnDrift) -> tuple[bool, float]:
    """Sudden changes first, then by how far beyond the threshold."""
    excess = column.effect / column.threshold if column.threshold else float("inf")
    return (column.pace != "sudden", -excess)


def _row(column: ColumnDrift, pen: Pen) -> tuple[str, str, str, str, str, str]:
    before = now = ""
    if column.histogram is not None:
        before, now = (
            blocks(counts, PICTURE, unicode=pen.unicode)
            for counts in (column.histogram.reference, column.histogram.current)
        )
    return (
        pen.text(column.name),
        f"{column.effect:.3g}",
        f"{column.threshold:.3g}",
        before,
        now,
        pen.text("; ".join(_happened(column))),
    )


def _happened(column: ColumnDrift) -> Iterator[str]:
    if column.cause == "lost":
        yield "the column is lost"
        return
    if column.cause == "type":
        yield f"the type changed from {column.kind} to {column.current_kind}"
        return
    since = f" since {column.since}" if column.since else ""
    yield f"{column.cause or 'shift'}{since} ({column.measured})"
    if column.missing_current != column.missing_reference:
        yield f"missing {share(column.missing_reference, 1)} then, {share(column.missing_current, 1)} now"
    if column.new:
        yield f"new: {', '.join(column.new[:3])} ({share(column.new_share, 1)})"
    if column.vanished:
        yield f"vanished: {', '.join(column.vanished[:3])}"


def _held(trial: Trial) -> str:
    since = f" since {trial.since}" if trial.since else ""
    return f"{trial.measure} {figure(trial.effect)} (limit {figure(trial.threshold)}){since}"


def _padded(pen: Pen, text: str, width: int) -> str:
    cut = pen.cut(text, width)
    return cut + " " * (width - cells(cut))


def _cell(text: str) -> str:
    from mlscore.report.markdown import text as markdown_text

    return markdown_text(text)
