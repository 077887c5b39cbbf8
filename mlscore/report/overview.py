"""The report on one screen: head, sections with their items, gate, warnings and next steps, as styled lines."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from mlscore.core.evidence import Severity
from mlscore.core.points import show
from mlscore.report.layout import Line, Pen, Span, cells, hung, spans_width
from mlscore.report.reading import (
    band_rank,
    binding_titles,
    gate_words,
    invalid_because,
    notes,
    partial_because,
    points,
    ruler,
    unmet,
    warnings,
)
from mlscore.report.rows import NARROW, WIDE, footnotes, sections
from mlscore.report.text import capitalised, count

if TYPE_CHECKING:
    from mlscore.core.evidence import Diagnostic
    from mlscore.core.report import Report, RuleResult

MOST_WARNINGS = 4
MOST_STEPS = 3
MOST_NOTES = 3


def overview(report: Report, width: int, *, unicode: bool, color: bool) -> list[Line]:
    """The whole report as lines of at most `width` columns.

    With `color` the total stands on a tile of its band's colour, which without colours would be an empty box.
    """
    pen = Pen(width, unicode=unicode)
    blocks = [
        _head(report, pen, color=color),
        sections(report, pen),
        footnotes(report, pen),
        _gate(report, pen),
        _warnings(report, pen),
        _next(report, pen),
        _notes(report, pen),
    ]
    lines: list[Line] = []
    for block in blocks:
        if block and lines:
            lines.append(())
        lines += block
    return lines


def _head(report: Report, pen: Pen, *, color: bool) -> list[Line]:
    lines = [_title(report, pen), ((pen.signs.rule * pen.width, "muted"),)]
    invalid = invalid_because(report)
    partial = partial_because(report)
    if invalid:
        text = pen.text(f"score not valid: {'; '.join(invalid)}")
        lines += hung((f" {pen.signs.bad} ", "bad"), (text, "bad"), pen)
        reached = f"What was reached would make {points(report.score.verified, report.score.possible)}; it is no score."
        lines += hung(("   ", ""), (reached, "muted"), pen)
    else:
        lines += _total(report, pen, tile=color and pen.width >= NARROW)
    if partial:
        lines += hung((f" {pen.signs.warn} ", "warn"), (pen.text(partial), "warn"), pen)
    return lines


def _title(report: Report, pen: Pen) -> Line:
    name = pen.cut(pen.text(ruler(report)), pen.width - 2)
    left: Span = (f" {name}", "strong")
    project = report.project
    where = pen.text(project.name)
    if project.commit:
        where += f" @ {pen.text(project.commit)[:7]}{'+' if project.dirty else ''}"
    room = pen.width - cells(left[0]) - 3
    if room < 8:
        return (left,)
    right = pen.cut(where, room)
    return (left, (" " * (pen.width - 1 - cells(left[0]) - cells(right)), ""), (right, "muted"))


def _total(report: Report, pen: Pen, *, tile: bool) -> list[Line]:
    score = report.score
    rank = band_rank(report)
    style = "no-band" if rank is None else f"band{rank}"
    number, possible = show(score.verified), f"of {show(score.possible)}"
    text = f"{number} {possible}"
    tiled = f"  {text}  "
    left = [(tiled if row == 1 else " " * len(tiled), f"tile-{style}") for row in range(3)] if tile else [(text, style)]
    wide = len(left[0][0])
    room = pen.width - wide - 3
    right = [(words, style if tile else "strong") for words in pen.wrap(_band_words(report, pen), room)]
    right += [(words, "") for words in pen.wrap(pen.text(score.band.reading) if score.band else "", room)]
    right += [(words, "muted") for words in pen.wrap(_total_facts(report, pen), room)]
    rows = max(len(left), len(right))
    left += [(" " * wide, "")] * (rows - len(left))
    right += [("", "")] * (rows - len(right))
    return [((" ", ""), one, ("  ", ""), two) for one, two in zip(left, right, strict=True)]


def _band_words(report: Report, pen: Pen) -> str:
    if report.score.band is not None:
        return capitalised(pen.text(report.score.band.title))
    return next((capitalised(pen.text(d.message)) for d in report.diagnostics if d.code == "no-band"), "verified")


def _total_facts(report: Report, pen: Pen) -> str:
    score = report.score
    facts = ["verified"] if _band_words(report, pen) != "verified" else []
    if score.practised != score.verified:
        facts.append(f"practised {show(score.practised)}")
        if score.practised_band is not None and score.practised_band != score.band:
            facts[-1] += f" ({pen.text(score.practised_band.title)})"
    if score.binding:
        facts.append(f"binding: {', '.join(pen.text(t) for t in binding_titles(report))}")
    return pen.signs.dot.join(facts)


def _gate(report: Report, pen: Pen) -> list[Line]:
    gate = report.gate
    if gate.passed and not gate.rules:
        return []
    sign, style = {
        True: (pen.signs.good, "good"),
        False: (pen.signs.bad, "bad"),
        None: (pen.signs.warn, "warn"),
    }[gate.passed]
    facts = [pen.text(gate.profile)] if gate.profile else []
    facts.append(count(len(gate.rules), "rule"))
    words = pen.text(gate_words(report))
    lines = hung((f" {sign} ", style), (f"{words} ({', '.join(facts)})", style), pen)
    for rule in unmet(report):
        lines += _rule(rule, pen)
    return lines


def _rule(rule: RuleResult, pen: Pen) -> list[Line]:
    style = "bad" if rule.passed is False else "warn"
    lines = hung((f"   {pen.text(rule.id)}: ", "strong"), (pen.text(rule.summary), ""), pen, indent=5)
    lines = _with_place(lines, rule.origin or "", pen)
    if rule.to_meet:
        lines += hung((f"     {pen.signs.arrow} ", style), (pen.text(rule.to_meet), ""), pen)
    return lines


def _warnings(report: Report, pen: Pen) -> list[Line]:
    found = warnings(report)
    lines: list[Line] = []
    shown = found[:MOST_WARNINGS]
    for one, following in zip_longest(shown, shown[1:]):
        lines += _warning(one, pen)
        # What helps against several in a row is said once, below the last.
        if one.help and (following is None or following.help != one.help):
            lines += hung((f"   {pen.signs.arrow} ", "warn"), (pen.text(one.help), "muted"), pen)
    if len(found) > MOST_WARNINGS:
        more = f"and {count(len(found) - MOST_WARNINGS, 'more warning')} (all of them: --report json)"
        lines += hung(("   ", ""), (more, "muted"), pen)
    return lines


def _warning(one: Diagnostic, pen: Pen) -> list[Line]:
    style = "bad" if one.severity is Severity.ERROR else "warn"
    sign = pen.signs.bad if one.severity is Severity.ERROR else pen.signs.warn
    lines = hung((f" {sign} ", style), (pen.text(one.message), ""), pen)
    named = one.location is not None and one.location.path in one.message
    return _with_place(lines, str(one.location or ""), pen, needed=not named)


def _notes(report: Report, pen: Pen) -> list[Line]:
    """What is good to know and asks for nothing, a line each."""
    found = notes(report)
    lines: list[Line] = [
        ((f" {pen.signs.open} ", "muted"), (pen.cut(pen.text(one.message), pen.width - 3), "muted"))
        for one in found[:MOST_NOTES]
    ]
    if len(found) > MOST_NOTES:
        more = f"and {count(len(found) - MOST_NOTES, 'more note')} (all of them: --report json)"
        lines += hung(("   ", ""), (more, "muted"), pen)
    return lines


def _with_place(lines: list[Line], place: str, pen: Pen, *, needed: bool = False) -> list[Line]:
    """The lines with a place behind them where it fits, on a line of its own where it does not and is needed."""
    text = pen.text(place)
    if not text:
        return lines
    if spans_width(lines[-1]) + cells(text) + 2 <= pen.width:
        return [*lines[:-1], (*lines[-1], (f"  {text}", "muted"))]
    return [*lines, (("   ", ""), (pen.cut(text, pen.width - 3), "muted"))] if needed else lines


def _next(report: Report, pen: Pen) -> list[Line]:
    steps = report.next[:MOST_STEPS]
    if not steps or invalid_because(report):
        return []
    lines: list[Line] = [((" What to do next", "strong"),)]
    ids = min(max(cells(pen.text(s.item)) for s in steps), pen.width // 3)
    gains = max(len(show(s.gain)) for s in steps) + 1
    for number, step in enumerate(steps, 1):
        lead = f" {number} {pen.pad(pen.text(step.item), ids)}  {f'+{show(step.gain)}':{gains}}  "
        lines += hung((lead, "link"), (pen.text(step.action), ""), pen)
        title = f"{pen.signs.dot}{pen.text(step.title)}"
        if pen.width >= WIDE and spans_width(lines[-1]) + cells(title) <= pen.width:
            lines[-1] = (*lines[-1], (title, "muted"))
    return lines
