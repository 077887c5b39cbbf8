"""Counts as a small picture: a row of blocks for a terminal, and an SVG that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = ".:-=+*#@"
_INK, _FADED, _LINE = "#3b7dd8", "#9aa7b5", "#c9d1da"


def blocks(counts: Sequence[float], width: int = 12, *, unicode: bool = True) -> str:
    """The counts as at most `width` characters, the highest one full; a bin with few rows is never drawn as empty.

    Neighbouring bins share a character where there are more bins than characters. Empty where nothing was counted.
    """
    merged = _merged(counts, width)
    most = max(merged, default=0)
    if most <= 0:
        return ""
    signs = _BLOCKS if unicode else _ASCII
    return "".join(" " if not count else signs[min(int(count / most * len(signs)), len(signs) - 1)] for count in merged)


def _merged(counts: Sequence[float], width: int) -> list[float]:
    if len(counts) <= width:
        return list(counts)
    ends = [round(number * len(counts) / width) for number in range(width + 1)]
    return [sum(counts[start:end]) for start, end in pairwise(ends)]


def svg(
    counts: Sequence[float], *, beside: Sequence[float] | None = None, title: str, width: int = 160, height: int = 36
) -> str:
    """The counts as bars of an SVG of `width` by `height` pixels; `beside`, a reference, is drawn as steps over them.

    Both are drawn as shares of their own sum, so that tables of different sizes compare. The same counts make the same
    bytes; the text inside is `title` alone, escaped.
    """
    label = escape(title, quote=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{label}"><title>{label}</title>'
    )
    return f"{head}{bars(counts, beside=beside, width=width, height=height)}</svg>"


def bars(counts: Sequence[float], *, beside: Sequence[float] | None = None, width: int = 160, height: int = 36) -> str:
    """The inside of such an SVG, to be put into a larger one."""
    own, other = _shares(counts), _shares(beside or ())
    most = max((*own, *other), default=0.0)
    floor = height - 1
    parts = [f'<path d="M0 {floor + 0.5}H{width}" stroke="{_LINE}"/>']
    if most > 0:
        step = width / max(len(own), 1)
        drawn = "".join(
            f"M{_n(place * step + 0.5)} {floor}V{_n(floor - max(share / most * (floor - 1), 1.0))}h{_n(step - 1)}V{floor}z"
            for place, share in enumerate(own)
            if share > 0
        )
        parts.append(f'<path d="{drawn}" fill="{_INK}"/>')
        if other:
            step = width / len(other)
            line = "".join(
                f"{'M' if not place else 'L'}{_n(place * step)} {_n(floor - share / most * (floor - 1))}h{_n(step)}"
                for place, share in enumerate(other)
            )
            parts.append(f'<path d="{line}" fill="none" stroke="{_FADED}" stroke-width="1.5"/>')
    return "".join(parts)


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [count / total for count in counts] if total > 0 else []


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
