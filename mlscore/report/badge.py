"""The score as a badge: an SVG of its own that needs no network, or JSON for a shields endpoint."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from mlscore.report.reading import band_rank, headline, invalid_because, points, ruler
from mlscore.report.text import clean, clip

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.report import Page

HEIGHT = 20
PADDING = 6
MOST_CHARACTERS = 60

# Dark enough for white text to be read on (contrast 4.5 and more), worst band first.
_COLORS = ("#a3211d", "#b23c17", "#8a5a00", "#4d6a00", "#1f7a33", "#00696b")
_NO_BAND = "#2a5a8c"
_INVALID = "#5f5f5f"
_LABEL = "#444c54"

# Widths in tenths of a pixel of the characters of a sans-serif face at 11 pixels; the text is then set to exactly the
# width found here, so that an error of a pixel is not seen.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 30),
    **dict.fromkeys(" ,.:;!/()[]tfI", 42),
    **dict.fromkeys('r-"`*', 48),
    **dict.fromkeys("Jcszkvxy?", 60),
    **dict.fromkeys("mMW@%", 105),
    **dict.fromkeys("w+=<>~QOGD", 88),
}
_USUAL = 70
_FULL_WIDTH = 115


def render(report: Report, page: Page) -> str:
    """JSON for a destination that ends in `.json`, else SVG."""
    if (page.destination or "").lower().endswith(".json"):
        return render_endpoint(report)
    return render_badge(report)


def render_badge(report: Report) -> str:
    """The badge as SVG, with its text as title and label for those who cannot see it."""
    label, message = _words(report)
    left, right = _width(label) + 2 * PADDING, _width(message) + 2 * PADDING
    whole = left + right
    title = escape(f"{label}: {message}")
    # Rounded by outline and not by a clip path, whose id would meet itself on a page with two badges in it.
    label_ground = f"M{left} 0H3a3 3 0 0 0-3 3v{HEIGHT - 6}a3 3 0 0 0 3 3h{left - 3}z"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{HEIGHT}" viewBox="0 0 {whole} {HEIGHT}" '
        f'role="img" aria-label="{title}">\n'
        f"<title>{escape(headline(report))}</title>\n"
        f'<rect width="{whole}" height="{HEIGHT}" rx="3" fill="{_color(report)}"/>\n'
        f'<path d="{label_ground}" fill="{_LABEL}"/>\n'
        '<g fill="#fff" font-family="Verdana,Geneva,\'DejaVu Sans\',sans-serif" font-size="11">\n'
        f"{_text(label, PADDING)}\n{_text(message, left + PADDING)}\n</g>\n</svg>\n"
    )


def render_endpoint(report: Report) -> str:
    """The badge as JSON for a shields endpoint, schema version 1."""
    label, message = _words(report)
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": _color(report).removeprefix("#")}
    return json.dumps(badge, ensure_ascii=False, indent=2) + "\n"


def _words(report: Report) -> tuple[str, str]:
    """Label and message: what measured, and the total with the name of its band."""
    label = clip(ruler(report), MOST_CHARACTERS)
    if invalid_because(report):
        return label, "not valid"
    message = points(report.score.verified, report.score.possible)
    if report.score.band is not None:
        message += f" · {clean(report.score.band.title)}"
    if report.run.partial:
        message += " (partial run)"
    return label, clip(message, MOST_CHARACTERS)


def _color(report: Report) -> str:
    if invalid_because(report):
        return _INVALID
    rank = band_rank(report)
    return _NO_BAND if rank is None else _COLORS[rank]


def _width(text: str) -> int:
    """Pixels for the text."""
    return -(-sum(_WIDTHS.get(c, _FULL_WIDTH if ord(c) > 0x10FF else _USUAL) for c in text) // 10)


def _text(text: str, left: int) -> str:
    return f'<text x="{left}" y="14" textLength="{_width(text)}">{escape(text)}</text>'
