"""The report as GitHub-flavoured Markdown: for a job summary and for a pull request's comment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.core.evaluate import earned_level
from mlscore.core.evidence import SourceKind
from mlscore.core.points import show
from mlscore.core.report import ItemResult, Report, SectionScore, Verdict
from mlscore.report.reading import (
    binding_titles,
    figures,
    gate_words,
    invalid_because,
    notes,
    partial_because,
    points,
    proof_words,
    ruler,
    unmet,
    waived,
    warnings,
)
from mlscore.report.text import capitalised, clean, clip, count

if TYPE_CHECKING:
    from fractions import Fraction

    from mlscore.core.evidence import Evidence
    from mlscore.report import Page

MARKER = "<!-- mlscore -->"
"""The first line, hidden from readers: by it a bot finds its own comment to replace it."""

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536 characters."""

MOST_EVIDENCE = 6
MOST_UNPLACED = 30
MOST_NOTES = 5
MOST_WORDS = 300
BAR = 14

_SIGN = {
    Verdict.VERIFIED: "✅",
    Verdict.FAILING: "❌",
    Verdict.ERROR: "❌",
    Verdict.HOLLOW: "⚠️",
    Verdict.EXPIRED: "⚠️",
    Verdict.SKIPPED: "⚠️",
}
_STRUCTURE = str.maketrans(
    {c: f"\\{c}" for c in "\\`*_[]|~$"}
    # A zero-width space behind the sign: `#1` would link to an issue.
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "#": "#&#8203;"}
)
# As code, because `@name` would notify people; and a decorator can then be copied as it is.
_MENTION = re.compile(r"(@[^\s@]*[^\s@,.;:!?])")
_IN_CODE = str.maketrans({c: f"&#{ord(c)};" for c in "\\`*_[]|~$&<>@#:\"'"})
_NOT_IN_SPAN = frozenset("`|<>&\\")


def text(foreign: str) -> str:
    """Foreign text as plain Markdown text: no structure, no HTML, no mention of people or issues."""
    parts = _MENTION.split(clip(clean(foreign), MOST_WORDS))
    return "".join(code(part) if place % 2 else part.translate(_STRUCTURE) for place, part in enumerate(parts))


def html_text(foreign: str) -> str:
    """Foreign text inside an HTML block, where Markdown's own escapes do not count."""
    return clip(clean(foreign), MOST_WORDS).translate(_IN_CODE).replace("&#64;", "&#64;&#8203;")


def code(foreign: str) -> str:
    """Foreign text as code, inside a table too."""
    plain = clip(clean(foreign), MOST_WORDS)
    if not plain:
        return ""
    if _NOT_IN_SPAN.isdisjoint(plain):
        return f"`{plain}`"
    return f"<code>{plain.translate(_IN_CODE)}</code>"


def render(report: Report, page: Page) -> str:
    """The report as Markdown, whatever the page."""
    return render_markdown(report)


def render_markdown(report: Report, *, most: int = MOST_CHARACTERS) -> str:
    """The report as Markdown; beyond `most` characters first the evidence is left out, then the items are."""
    whole = ""
    for detail in ("evidence", "items", "sections"):
        whole = "\n\n".join(block for block in _blocks(report, detail) if block) + "\n"
        if len(whole) <= most:
            break
    return whole


def _blocks(report: Report, detail: str) -> list[str]:
    blocks = [MARKER, _head(report), section_table(report), _gate(report), _warnings(report), _next(report)]
    if detail == "sections":
        blocks.append("The items did not fit here: the JSON report has them.")
    else:
        blocks += [_items(section, report, detail) for section in report.score.sections]
        blocks.append(_unplaced(report))
    return [*blocks, _notes(report), _foot(report)]


def _head(report: Report) -> str:
    invalid = invalid_because(report)
    partial = partial_because(report)
    lines: list[str] = []
    if invalid:
        reached = points(report.score.verified, report.score.possible)
        lines.append(f"## ❌ {text(ruler(report))}: score not valid")
        lines.append(f"**{text('; '.join(invalid))}.** What was reached would make {reached}; it is no score.")
    else:
        lines.append(f"## {text(ruler(report))}: {points(report.score.verified, report.score.possible)}")
        lines.append(reading_sentence(report))
    if partial:
        lines.append(f"> ⚠️ {text(partial)}")
    return "\n\n".join(lines)


def reading_sentence(report: Report) -> str:
    """Band, reading, practised score and binding sections in a sentence or three."""
    score = report.score
    said: list[str] = []
    if score.band is not None:
        said.append(f"**{capitalised(text(score.band.title))}.** {text(score.band.reading)}")
    said += [f"**{text(d.message)}.**" for d in report.diagnostics if d.code == "no-band"]
    if score.practised == score.verified:
        said.append("Verified and practised alike.")
    else:
        band = score.practised_band if score.practised_band != score.band else None
        title = f" ({text(band.title)})" if band else ""
        said.append(f"Verified {show(score.verified)}, practised {show(score.practised)}{title}.")
    if score.binding:
        said.append(f"Held down by {text(', '.join(binding_titles(report)))}.")
    return " ".join(said)


def section_table(report: Report) -> str:
    """The sections with their bars and points."""
    lines = ["| Section | | Verified | Practised | Possible |", "|:--|:--|--:|--:|--:|"]
    for section in report.score.sections:
        name = text(section.title or section.id)
        name = f"**{name}** (binding)" if section.id in report.score.binding else name
        bar = _bar(section)
        lines.append(
            f"| {name} | {bar} | **{show(section.verified)}** | {show(section.practised)} | {show(section.possible)} |"
        )
    return "\n".join(lines)


def _bar(section: SectionScore) -> str:
    verified = _share(section.verified, section.possible)
    practised = max(_share(section.practised, section.possible), verified)
    return "█" * verified + "▒" * (practised - verified) + "░" * (BAR - practised)


def _share(of: Fraction, possible: Fraction) -> int:
    return int(of * BAR / possible) if 0 < of < possible else BAR if of > 0 else 0


def _gate(report: Report) -> str:
    gate = report.gate
    if gate.passed and not gate.rules:
        return ""
    sign = {True: "✅", False: "❌", None: "⚠️"}[gate.passed]
    profile = f" ({text(gate.profile)})" if gate.profile else ""
    lines = [f"**{sign} {capitalised(text(gate_words(report)))}**{profile}"]
    rules = []
    for rule in unmet(report):
        line = f"- {'❌' if rule.passed is False else '⚠️'} **{text(rule.id)}**: {text(rule.summary)}"
        if rule.to_meet:
            line += f". To meet it: {text(rule.to_meet)}"
        rules.append(f"{line} ({code(rule.origin)})" if rule.origin else line)
    return "\n\n".join([*lines, "\n".join(rules)]) if rules else lines[0]


def _warnings(report: Report) -> str:
    found = warnings(report)
    if not found:
        return ""
    lines = []
    for one in found[:20]:
        line = f"- ⚠️ {text(one.message)}"
        line += f" ({code(str(one.location))})" if one.location else ""
        lines.append(f"{line}: {text(one.help)}" if one.help else line)
    if len(found) > len(lines):
        lines.append(f"- and {len(found) - len(lines)} more: the JSON report has them all")
    return "\n".join(["**Warnings**", "", *lines])


def _notes(report: Report) -> str:
    found = notes(report)
    if not found:
        return ""
    lines = [f"- {text(one.message)}" + (f": {text(one.help)}" if one.help else "") for one in found[:MOST_NOTES]]
    if len(found) > len(lines):
        lines.append(f"- and {len(found) - len(lines)} more: the JSON report has them all")
    return "\n".join(["**Good to know**", "", *lines])


def _next(report: Report) -> str:
    if not report.next or invalid_because(report):
        return ""
    lines = ["**What to do next**", ""]
    for step in report.next[:3]:
        lines.append(f"1. **{text(step.item)}** (+{show(step.gain)}) {text(step.title)}: {text(step.action)}")
    return "\n".join(lines)


def _items(section: SectionScore, report: Report, detail: str) -> str:
    total = points(section.verified, section.possible)
    lines = [
        f"<details><summary>{html_text(section.title or section.id)}: {total}</summary>",
        "",
        "| | Item | Level | Verdict | Points | Evidence, and what is missing |",
        "|:-:|:--|:--|:--|--:|:--|",
    ]
    for item in report.section_items(section.id):
        sign = _SIGN.get(item.verdict, "➖")
        told = "<br>".join(_told(item)) if detail == "evidence" else ""
        lines.append(
            f"| {sign} | **{text(item.id)}** {text(item.title)} | {text(item.level)} | {item.verdict.value} "
            f"| {show(item.verified)} | {told} |"
        )
    return "\n".join([*lines, "", "</details>"])


def _told(item: ItemResult) -> list[str]:
    told = [_evidence(evidence) for evidence in item.evidence[:MOST_EVIDENCE]]
    if len(item.evidence) > MOST_EVIDENCE:
        told.append(f"and {len(item.evidence) - MOST_EVIDENCE} more")
    if item.waiver is not None:
        told.append(f"{text(waived(item))}: {text(item.waiver.note)}, {text(item.waiver.author)}")
    told += [f"*missing:* {text(missing)}" for missing in item.missing[:MOST_EVIDENCE]]
    return told


def _evidence(evidence: Evidence) -> str:
    by = "attested by " if evidence.source.kind is SourceKind.ATTESTATION else ""
    said = f"{by}{code(evidence.source.name)} {evidence.outcome.value}"
    for part in (evidence.summary, figures(evidence)):
        said += f", {text(part)}" if part else ""
    if evidence.location is not None:
        said += f", {code(str(evidence.location))}"
    if earned_level(evidence) != "automated":
        return said
    chain = " → ".join(code(part) for part in proof_words(evidence).split(" → "))
    return f"{said}, automated by {chain}"


def _unplaced(report: Report) -> str:
    found = report.unplaced
    if not found:
        return ""
    lines = [
        f"<details><summary>{count(len(found), 'test')} without an item: nothing is earned</summary>",
        "",
        "| Test | Section | Perhaps | Why |",
        "|:--|:--|:--|:--|",
    ]
    for one in found[:MOST_UNPLACED]:
        lines.append(f"| {code(one.id)} | {text(one.section or '')} | {text(one.suggested or '')} | {text(one.why)} |")
    if len(found) > MOST_UNPLACED:
        lines.append(f"| and {len(found) - MOST_UNPLACED} more: the JSON report has them all | | | |")
    return "\n".join([*lines, "", "</details>"])


def _foot(report: Report) -> str:
    project = report.project
    where = clean(project.name) + (f" @ {clean(project.commit)[:7]}" if project.commit else "")
    ruled = f"{clean(report.rubric.id)} {clean(report.rubric.version)}"
    by = f"{clean(report.tool.name)} {clean(report.tool.version)}"
    return f"<sub>{text(where)} · {text(ruled)} · {text(by)} · {text(report.generated_at)}</sub>"
