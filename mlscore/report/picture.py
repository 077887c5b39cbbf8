"""The terminal's report as a picture: one SVG that needs no network and no font of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mlscore.report.layout import UNICODE, Line, cells
from mlscore.report.overview import overview
from mlscore.report.reading import headline

if TYPE_CHECKING:
    from mlscore.core.report import Report

CELL = 8.4
LINE = 19.0
FONT = 14
MARGIN = 20.0
HEAD = 38.0

_COLORS = {
    "": "#d5dce4",
    "strong": "#f4f7fa",
    "muted": "#8491a0",
    "good": "#4fc78e",
    "warn": "#efb43f",
    "bad": "#ff7070",
    "link": "#62b6f7",
    "band0": "#ff7070",
    "band1": "#ff7070",
    "band2": "#efb43f",
    "band3": "#4fc78e",
    "band4": "#4fc78e",
    "band5": "#3fd0c9",
    "no-band": "#62b6f7",
}
_BOLD = frozenset({"strong", "bad", "band0", "band1", "band2", "band3", "band4", "band5", "no-band"})
_TILE = "tile-"
_GROUND = "#12171d"
_FRAME = "#2b343e"
_TRACK = "#3a4653"

_VERIFIED, _PRACTISED, _LEFT = UNICODE.bars


def render_svg(report: Report, width: int = 112) -> str:
    """The report as `width` columns of a terminal would show it; the same report makes the same bytes."""
    lines = overview(report, width, unicode=True, color=True)
    across = _number(2 * MARGIN + width * CELL)
    down = _number(HEAD + len(lines) * LINE + MARGIN)
    title = escape(headline(report))
    body = _tile(lines)
    for row, line in enumerate(lines):
        body += _row(line, HEAD + row * LINE)
    styles = "".join(f".{_name(style)}{{fill:{color}{_weight(style)}}}" for style, color in _COLORS.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}" '
        f'role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        "<style>text{white-space:pre;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',"
        f"'Liberation Mono',monospace;font-size:{FONT}px}}{styles}.ground{{fill:{_GROUND};font-weight:700}}</style>",
        f'<rect x="0.5" y="0.5" width="{_number(float(across) - 1)}" height="{_number(float(down) - 1)}" rx="10" '
        f'fill="{_GROUND}" stroke="{_FRAME}"/>',
        *(
            f'<circle cx="{_number(MARGIN + 2 + 18 * n)}" cy="18" r="5.5" fill="{color}"/>'
            for n, color in enumerate(("#ff6159", "#ffbd2e", "#28c941"))
        ),
        *body,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _tile(lines: list[Line]) -> list[str]:
    """The ground of the tile that the total stands on, over all of its rows."""
    rows = [(row, line[1]) for row, line in enumerate(lines) if len(line) > 1 and line[1][1].startswith(_TILE)]
    if not rows:
        return []
    (first, (text, style)), count = rows[0], len(rows)
    look = f'class="{_name(style.removeprefix(_TILE))}" rx="6"'
    return [_rect(MARGIN + CELL, HEAD + first * LINE, cells(text) * CELL, count * LINE, look)]


def _row(line: Line, top: float) -> list[str]:
    shapes: list[str] = []
    column = 0
    for text, style in line:
        bare = text.strip(" ")
        start = column + cells(text) - cells(text.lstrip(" "))
        if bare and set(bare) <= {_VERIFIED, _PRACTISED, _LEFT, UNICODE.rule}:
            shapes.append(_stroke(bare[0], MARGIN + start * CELL, top, cells(bare) * CELL, style))
        elif bare:
            name = "ground" if style.startswith(_TILE) else _name(style)
            place = f'x="{_number(MARGIN + start * CELL)}" y="{_number(top + FONT)}"'
            length = f'textLength="{_number(cells(bare) * CELL)}"'
            shapes.append(f'<text class="{name}" {place} {length}>{escape(bare)}</text>')
        column += cells(text)
    return shapes


def _stroke(sign: str, left: float, top: float, length: float, style: str) -> str:
    """A part of a bar, or a rule, drawn instead of written: characters would leave gaps in many fonts."""
    middle = top + FONT * 0.68
    if sign == UNICODE.rule:
        return _rect(left, middle, length, 1, f'fill="{_TRACK}"')
    if sign == _VERIFIED:
        return _rect(left, middle - 4, length, 8, f'class="{_name(style)}"')
    if sign == _PRACTISED:
        return _rect(left, middle - 2.5, length, 5, f'class="{_name(style)}" opacity="0.75"')
    return _rect(left, middle - 1.5, length, 3, f'fill="{_TRACK}"')


def _rect(left: float, top: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{_number(left)}" y="{_number(top)}" width="{_number(width)}" height="{_number(height)}" {look}/>'


def _weight(style: str) -> str:
    return ";font-weight:700" if style in _BOLD else ""


def _name(style: str) -> str:
    return style or "plain"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
