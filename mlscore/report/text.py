"""Foreign text made safe to show: control characters neutralised, names shortened, points and counts in words."""

from __future__ import annotations

import re

# A whole escape sequence goes; what is left of a broken one is shown as `\x1b`. Operating-system commands end in BEL or
# ST, and a sequence that never ends takes no more than its introducer with it.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|\x9b[0-?]*[ -/]*[@-~]")
_SPACES = re.compile(r"\s+")
# Joiners belong to the spelling of several languages and of emoji, and reorder nothing.
_JOINERS = "\u200c\u200d"

_ASCII = str.maketrans(
    {
        "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "·": "-", "•": "*", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "≠": "!=", "×": "x", "½": "1/2",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """One line of harmless text.

    Terminal escape sequences are taken out, line ends and other white space become single spaces, and whatever else is
    not printable (control characters, right-to-left marks and overrides, lone surrogates) is written out, `\\u202e`.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return printable(_SPACES.sub(" ", _ESCAPES.sub("", text)).strip())


def clean_line(text: str) -> str:
    """The same of a line whose indentation means something."""
    return text[: len(text) - len(text.lstrip(" "))] + clean(text)


def printable(text: str) -> str:
    """The text with its escape sequences taken out and what else is not printable written out; spaces stay."""
    text = _ESCAPES.sub("", text)
    return "".join(c if c.isprintable() or c in _JOINERS else _written_out(c) for c in text)


def _written_out(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def to_ascii(text: str) -> str:
    """The text in ASCII: typographic signs by their plain twins, everything else written out, `\\xe9`."""
    if text.isascii():
        return text
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


def capitalised(text: str) -> str:
    """The text with its first letter as a sentence begins; the rest as it is."""
    return text[:1].upper() + text[1:]


def clip(text: str, most: int) -> str:
    """The text cut to `most` characters at most, the cut marked by `…`."""
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…"


def count(number: int, noun: str) -> str:
    """`1 test`, `2 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def node_forms(node: str) -> list[str]:
    """A pytest node id without its folders, ever shorter: whole, without parameters, without class, the function alone.

    What is not a node id has one form, its last part.
    """
    path, separator, inside = node.partition("::")
    file = path.rpartition("/")[2] or path
    if not separator:
        return [file]
    name, bracket, _ = inside.partition("[")
    bare = name + ("[…]" if bracket else "")
    last = name.rpartition("::")[2]
    forms = (f"{file}::{inside}", f"{file}::{bare}", f"{file}::{name}", f"{file}::{last}", last)
    return list(dict.fromkeys(forms))
