"""Why two texts of one example may differ: case, spaces, encoding, length, the way in which numbers are written."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from mlscore.checks.skew.guess import LEAST_PAIRS, Guess, Values, guess
from mlscore.checks.skew.report import Cause

_ENCODINGS = ("cp1252", "latin-1")
# Words that stand for no value; only these are shown, as any other text may be somebody's.
PLACEHOLDERS = frozenset(
    {
        "",
        "-",
        "?",
        "unknown",
        "none",
        "null",
        "n/a",
        "na",
        "nan",
        "nat",
        "missing",
        "other",
        "default",
        "undefined",
        "0",
    }
)


def text_causes(pairs: Sequence[Values]) -> Iterator[Guess]:
    """Guesses at differing texts, the narrowest first."""
    for cause, says, same in _WAYS:
        yield from guess(cause, says, (same(s, r) for s, r in pairs))
    for name, side in (("served", 0), ("recomputed", 1)):
        cut = [0 < len(p[side]) < len(p[1 - side]) and p[1 - side].startswith(p[side]) for p in pairs]
        longest = max((len(p[side]) for p, is_cut in zip(pairs, cut, strict=True) if is_cut), default=0)
        yield from guess(Cause.CUT_TEXT, f"{name} is cut off after at most {longest} characters", cut, longest)
    for name, side in (("served", 0), ("recomputed", 1)):
        value, count = Counter(p[side] for p in pairs).most_common(1)[0]
        same_value = [p[side] == value for p in pairs]
        others = {p[1 - side] for p in pairs if p[side] == value}
        if count >= LEAST_PAIRS and len(others) >= LEAST_PAIRS and 2 * count >= len(pairs):
            says = f"{name} is always {placeholder(value)}: a constant or a default"
            yield from guess(Cause.CONSTANT, says, same_value, placeholder(value))


def placeholder(value: object) -> str:
    """A default as it may be shown: numbers and words that mean nothing as they are, any other text not at all."""
    if not isinstance(value, str):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    return f'"{value}"' if value.strip().casefold() in PLACEHOLDERS else "one and the same text"


def shape(value: str) -> str:
    """A text's shape: `Aaaa 99` of `Lima 12`; what is longer than 24 characters is cut off."""
    cut = value[:24]
    signs = ("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in cut)
    return "".join(signs) + ("…" if len(value) > 24 else "")


def number_in(text: str) -> float | None:
    """The number that a text writes, with a point or a comma; None where it writes none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _comma(s: str, r: str) -> bool:
    return ("," in s) != ("," in r) and number_in(s) is not None and number_in(s) == number_in(r)


def _zeros(s: str, r: str) -> bool:
    return s.isdigit() and r.isdigit() and s.lstrip("0") == r.lstrip("0")


def _written(s: str, r: str) -> bool:
    return number_in(s) is not None and number_in(s) == number_in(r)


def _encoded(s: str, r: str) -> bool:
    return any(_garbled(a, b) for a, b in ((s, r), (r, s)))


def _garbled(garbled: str, right: str) -> bool:
    """Whether a text is the other one, read or written in the wrong encoding."""
    if right.isascii():
        return False
    for encoding in _ENCODINGS:
        if right.encode().decode(encoding, "replace") == garbled:
            return True
    lost = right.encode("ascii", "replace").decode()
    return garbled in (lost, lost.replace("?", "\ufffd"), right.encode("ascii", "ignore").decode())


def _composed(s: str, r: str) -> bool:
    return _bare(s) == _bare(r)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _spaced(s: str, r: str) -> bool:
    return " ".join(s.split()) == " ".join(r.split())


_WAYS: tuple[tuple[Cause, str, Callable[[str, str], bool]], ...] = (
    (Cause.SPACES, "they differ by spaces alone", _spaced),
    (Cause.CASE, "they differ by upper and lower case alone", lambda s, r: s.casefold() == r.casefold()),
    (Cause.DECIMAL_COMMA, "one side writes a decimal comma", _comma),
    (Cause.LEADING_ZEROS, "one side has lost leading zeros", _zeros),
    (Cause.WRITTEN, "both write the same number in two ways", _written),
    (Cause.ENCODING, "one side was read or written in the wrong encoding", _encoded),
    (Cause.ENCODING, "they differ by accents alone", _composed),
)
