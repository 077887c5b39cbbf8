"""Sections as bars and items as rows: what the score is made of, as styled lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.core.evidence import SourceKind
from mlscore.core.points import show
from mlscore.core.report import ItemResult, Report, SectionScore, Verdict
from mlscore.report.layout import Line, Pen, Span, cells, hung, spans_width
from mlscore.report.reading import automation, decisive, figures, lasting, points, remark, unplaced, waived
from mlscore.report.text import node_forms

if TYPE_CHECKING:
    from fractions import Fraction

WIDE = 100
NARROW = 60
MOST_BAR = 28
LEAST_BAR = 8
MOST_TITLE = 48
MOST_PROOFS = 3
_LEAST_PART = 16
_LEVELS = 9  # "automated"

STYLE = {
    Verdict.VERIFIED: "good",
    Verdict.FAILING: "bad",
    Verdict.ERROR: "bad",
    Verdict.HOLLOW: "warn",
    Verdict.EXPIRED: "warn",
    Verdict.SKIPPED: "warn",
}


def sections(report: Report, pen: Pen) -> list[Line]:
    """Every section's bar, each followed by its items."""
    lines: list[Line] = []
    for section in report.score.sections:
        if lines and pen.width >= WIDE:
            lines.append(())
        lines += _section(section, report, pen)
        for item in report.section_items(section.id):
            lines += _item(item, report, pen)
    return lines


def footnotes(report: Report, pen: Pen) -> list[Line]:
    """What runs the automated tests, what is missing for the others, and which tests name no item."""
    lines: list[Line] = []
    told = automation(report)
    for what, why, items in told[:MOST_PROOFS]:
        text = f"{why} ({', '.join(items)})" if len(items) <= MOST_PROOFS else f"{why} ({len(items)} items)"
        lines += hung((f" {what}: ", "muted"), (pen.text(text), "muted"), pen, indent=3)
    if report.unplaced:
        lines += hung((" ", ""), (pen.text(unplaced(report)), "muted"), pen, indent=3)
    return lines


def _section(section: SectionScore, report: Report, pen: Pen) -> list[Line]:
    names = [pen.text(s.title) or pen.text(s.id) for s in report.score.sections]
    name = pen.text(section.title) or pen.text(section.id)
    facts = _facts(section, report, pen)
    mood = _mood(section, binding=section.id in report.score.binding)
    longest = max(cells(_facts(s, report, pen)) for s in report.score.sections)
    title_width = min(max(cells(n) for n in names), max(pen.width // 3, 12))
    width = _bar_width(section.possible, pen.width - title_width - longest - 5)
    if width >= LEAST_BAR:
        bar = _bar(section, pen, width)
        return [((f" {pen.pad(name, title_width)}  ", "strong"), *bar, (f"  {facts}", mood))]
    # Too narrow for one line: the points go below the title where they must, and the bar below both.
    bar = _bar(section, pen, _bar_width(section.possible, pen.width - 2))
    if cells(name) + cells(facts) + 3 <= pen.width:
        head: list[Line] = [((f" {name}  ", "strong"), (facts, mood))]
    else:
        head = [((" ", ""), (pen.cut(name, pen.width - 1), "strong")), *hung((" ", ""), (facts, mood), pen)]
    return [*head, ((" ", ""), *bar)]


def _facts(section: SectionScore, report: Report, pen: Pen) -> str:
    facts = [points(section.verified, section.possible)]
    if section.practised != section.verified:
        facts.append(f"practised {show(section.practised)}")
    if section.id in report.score.binding:
        facts.append("binding")
    return pen.signs.dot.join(facts)


def _mood(section: SectionScore, *, binding: bool) -> str:
    if section.possible and section.verified == section.possible:
        return "good"
    return "warn" if binding else ""


def _bar_width(possible: Fraction, room: int) -> int:
    """Columns for a bar: as many for each point as fit, so that whole points end on whole columns."""
    most = min(MOST_BAR, room)
    return most - most % possible.numerator if possible.denominator == 1 and 0 < possible <= most else most


def _bar(section: SectionScore, pen: Pen, width: int) -> tuple[Span, Span, Span]:
    one, two, three = pen.bar(section.verified, section.practised, section.possible, width)
    return (one, "good"), (two, "warn"), (three, "muted")


def _item(item: ItemResult, report: Report, pen: Pen) -> list[Line]:
    words = max(len(i.verdict) for i in report.items)
    ids = min(max(cells(pen.text(i.id)) for i in report.items), max(pen.width // 3, 12))
    style = STYLE.get(item.verdict, "muted")
    quiet = style if style == "muted" else ""
    sign = {"good": pen.signs.good, "bad": pen.signs.bad, "warn": pen.signs.warn}.get(style, pen.signs.open)
    level = pen.text(item.level)
    name: Line = ((f" {sign} ", style), (f"{pen.pad(pen.text(item.id), ids)}  ", quiet))
    standing: Line = (
        (f"{pen.pad(level, _LEVELS)}  ", "muted" if item.level == "none" else ""),
        (pen.pad(item.verdict.value, words), style),
    )
    room = pen.width - spans_width((*name, *standing)) - 2
    if pen.width < NARROW:
        return _narrow_item(item, report, pen, name, standing)
    if pen.width >= WIDE:
        titles = max(cells(pen.text(i.title)) for i in report.items)
        wide = min(titles, MOST_TITLE, room * 11 // 20)
        detail = _detail(item, report, pen, room - wide - 2)
        if detail[0]:
            title = pen.pad(pen.text(item.title), wide)
            return [(*name, *standing, ("  ", ""), (title, quiet), ("  ", ""), detail)]
        return [(*name, *standing, ("  ", ""), (pen.cut(pen.text(item.title), room), quiet))]
    detail = _detail(item, report, pen, room)
    return [(*name, *standing, ("  ", ""), detail if detail[0] else (pen.cut(pen.text(item.title), room), "muted"))]


def _narrow_item(item: ItemResult, report: Report, pen: Pen, name: Line, standing: Line) -> list[Line]:
    """On a narrow screen the source has a line of its own, and on a very narrow one level and verdict have too."""
    lines: list[Line] = [(*name, *standing)]
    if spans_width(lines[0]) > pen.width:
        text = f"{pen.text(item.level)}, {item.verdict.value}"
        lines = [name, *hung(("   ", ""), (text, standing[-1][1]), pen)]
    detail = _detail(item, report, pen, pen.width - 5)
    return [*lines, (("     ", ""), detail)] if detail[0] else lines


def _detail(item: ItemResult, report: Report, pen: Pen, room: int) -> Span:
    """Who says so and where: the source, then what else fits."""
    evidence = decisive(item)
    style = "muted" if item.verdict is Verdict.VERIFIED else ""
    if item.waiver is not None and item.verdict is not Verdict.VERIFIED:
        until = pen.text(waived(item))
        rest = [pen.node(evidence.source.name, room)] if evidence else []
        return _fitted([until, until.partition(" (")[0]], rest, "", pen, room), style
    if evidence is None:
        return "", style
    where = pen.text(str(evidence.location)).rpartition("/")[2] if evidence.location else ""
    summary = pen.text(evidence.summary)
    more = f" +{len(item.evidence) - 1}" if len(item.evidence) > 1 else ""
    if evidence.source.kind is SourceKind.ATTESTATION:
        facts = [pen.text(lasting(evidence, report)), where]
        return _fitted([pen.text(evidence.source.name) + more], facts, "", pen, room), style
    forms = [pen.text(form) + more for form in node_forms(evidence.source.name)]
    if item.verdict is Verdict.VERIFIED:
        return _fitted(forms, [pen.text(remark(item, evidence))], pen.text(figures(evidence)), pen, room), style
    if item.verdict is Verdict.NOT_RUN and report.run.partial == (evidence.summary,):
        # The head says why, once for all of them.
        return _fitted(forms, [], "", pen, room), style
    if item.verdict is Verdict.HOLLOW and where:
        return _fitted([where], [], summary, pen, room), style
    return _fitted(forms, [] if summary else [where], summary, pen, room), style


def _fitted(forms: list[str], facts: list[str], reason: str, pen: Pen, room: int) -> str:
    """The longest of `forms` that leaves room for all the rest, or for the first facts alone.

    A `reason` is worth more than a long form: the shortest form is taken where a part of the reason fits beside it.
    """
    dot = pen.signs.dot
    extras = [extra for extra in [*facts, reason] if extra]
    for count in range(len(extras), 0, -1):
        for form in forms:
            text = dot.join([form, *extras[:count]])
            if cells(text) <= room:
                return text
    left = room - cells(forms[-1]) - cells(dot)
    if reason and left >= _LEAST_PART:
        return f"{forms[-1]}{dot}{pen.cut(reason, left)}"
    return next((form for form in forms if cells(form) <= room), pen.cut(forms[-1], room))
