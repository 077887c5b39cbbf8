"""What an item asks, as plain text: question, reasons, ways, what earns its points, and where it stands."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mlscore.core.evidence import SourceKind
from mlscore.core.points import show
from mlscore.report.text import clean, printable

if TYPE_CHECKING:
    from mlscore.core.evidence import Evidence
    from mlscore.core.report import ItemResult
    from mlscore.core.rubric import Item, Rubric

DEFAULT_WIDTH = 80
LEAST_WIDTH = 30
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def render_explain(
    item: Item,
    section_title: str,
    rubric: Rubric,
    result: ItemResult | None = None,
    *,
    width: int = DEFAULT_WIDTH,
    color: bool = False,
) -> str:
    """Everything the rubric says of an item, on lines of at most `width` columns (30 at least; code is not broken).

    `result` adds where the item stands in a report. ANSI escapes (bold, dim) only with `color`.
    """
    width = max(width, LEAST_WIDTH)
    manual, automated = (show(rubric.level(level).points) for level in ("manual", "automated"))
    blocks = [
        _heading(f"{item.id}: {item.title}", width, _BOLD, color=color)
        + _heading(f"{section_title}, {rubric.title or rubric.id} {rubric.version}", width, _DIM, color=color),
        _wrapped(item.question, width),
        *_block("Why it matters", _wrapped(item.why, width, "  "), color=color),
        *_block("How to do it", _listed(item.how, width), color=color),
        *_block(f"What earns {manual} (manual)", _wrapped(item.manual, width, "  "), color=color),
        *_block(f"What earns {automated} (automated)", _wrapped(item.automated, width, "  "), color=color),
        *_block("How one fools oneself", _wrapped(item.pitfall, width, "  "), color=color),
        *_block("A test to start from", _code(item.recipe), color=color),
        *_block("References", _listed(item.references, width), color=color),
        *_block("Where it stands", _standing(result, width), color=color),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _block(title: str, lines: list[str], *, color: bool) -> list[list[str]]:
    return [[_styled(title, _BOLD, color=color), *lines]] if lines else []


def _heading(text: str, width: int, style: str, *, color: bool) -> list[str]:
    return [_styled(line, style, color=color) for line in _wrapped(text, width)]


def _styled(text: str, style: str, *, color: bool) -> str:
    return f"{style}{text}{_PLAIN}" if color else text


def _wrapped(text: str, width: int, indent: str = "", lead: str | None = None) -> list[str]:
    first = indent if lead is None else lead
    return textwrap.wrap(clean(text), width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)


def _listed(entries: tuple[str, ...], width: int) -> list[str]:
    return [line for entry in entries for line in _wrapped(entry, width, "    ", "  - ")]


def _code(recipe: str) -> list[str]:
    return [f"    {printable(line)}".rstrip() for line in recipe.expandtabs(4).strip("\r\n").splitlines()]


def _standing(result: ItemResult | None, width: int) -> list[str]:
    if result is None:
        return []
    points = f"{show(result.verified)} of {show(result.possible)} verified"
    lines = _wrapped(f"{result.level}, {result.verdict.value}: {points}", width, "  ")
    lines += _listed(tuple(_said(evidence) for evidence in result.evidence), width)
    return lines + _listed(tuple(f"missing: {missing}" for missing in result.missing), width)


def _said(evidence: Evidence) -> str:
    by = "attested by " if evidence.source.kind is SourceKind.ATTESTATION else ""
    said = f"{by}{evidence.source.name}: {evidence.outcome.value}"
    said += f", {evidence.summary}" if evidence.summary else ""
    return f"{said} ({evidence.location})" if evidence.location else said
