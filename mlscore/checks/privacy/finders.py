"""Finders: tokens in a text that may be personal data, each judged by its form and by the words before it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlscore.checks.privacy import digits


@dataclass(frozen=True, slots=True)
class Token:
    """One candidate in a text: its compact form, whether it is confirmed, and whether it alone is enough."""

    text: str
    confirmed: bool
    strong: bool = False


_LEFT = r"(?<![0-9A-Za-z_+/@])(?<![0-9][.,-])(?<![0-9A-Fa-f]{4}-)"
_RIGHT = r"(?![0-9A-Za-z_@])(?![.,:][0-9])(?!-[0-9A-Za-z])"
_NEAR = 32  # characters before a token in which a word may name it
# Words that say that the number after them is of something else.
_OF_THINGS = re.compile(
    r"\b(?:pedido|orden|order|ref(?:erencia|erence)?|factura|invoice|sku|ean|lote|serial|serie|tracking|env[ií]o|"
    r"seguimiento|ticket|expediente|albar[aá]n|uuid|hash|version|versi[oó]n|build)\W*(?:n[uú]m\w*|n[ºo°]|no|id|#)?\W*$",
    re.IGNORECASE,
)


def _compact(text: str) -> str:
    return re.sub(r"[ .()/-]", "", text).upper()


def found(
    pattern: str, valid: Callable[[str], bool], words: str, shape: Callable[[str], bool] | None = None
) -> Callable[[str], Iterator[Token]]:
    """A finder of what a pattern matches between boundaries; `shape` refuses what is not even a look-alike."""
    token = re.compile(_LEFT + f"(?:{pattern})" + _RIGHT)
    named = re.compile(rf"(?:{words})[^0-9]*$", re.IGNORECASE)

    def find(text: str) -> Iterator[Token]:
        for match in token.finditer(text):
            compact = _compact(match[0])
            if shape is not None and not shape(compact):
                continue
            before = text[max(0, match.start() - _NEAR) : match.start()]
            strong = bool(before) and bool(named.search(before))
            if not strong and before and _OF_THINGS.search(before):
                continue
            confirmed = valid(compact)
            yield Token(compact, confirmed, confirmed and strong)

    return find


_MAIL = re.compile(r"(?<![\w.%+@-])[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.)+([A-Za-z]{2,24})(?![\w@])")
_FILES = (
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "css",
    "js",
    "ts",
    "json",
    "html",
    "xml",
    "csv",
    "txt",
    "pdf",
    "zip",
    "gz",
)


def mails(text: str) -> Iterator[Token]:
    """E-mail addresses; neither names of files nor of repositories."""
    for match in _MAIL.finditer(text):
        local = match[0].partition("@")[0]
        program = local == "git" and text[match.end() : match.end() + 1] in (":", "/")
        good = local[0] != "." and local[-1] != "." and ".." not in local and not program
        yield Token(match[0].lower(), good and match[1].lower() not in _FILES)


_PLUS = re.compile(r"(?<!\+)" + _LEFT + r"(?:\+|00)[ (]{0,2}([1-9](?:[ .()/-]{0,2}[0-9]){7,14})" + _RIGHT)
# National lengths of some countries; of the others E.164 says no more than 15 digits in all.
_NATIONAL = {"1": (10,), "34": (9,), "33": (9,), "44": (9, 10), "351": (9,), "56": (9,), "52": (10,), "55": (10, 11)}
_NATIONAL |= {"54": (10, 11), "57": (10,), "51": (8, 9), "49": tuple(range(6, 12)), "39": tuple(range(6, 12))}


def _international(number: str) -> bool:
    for length in (1, 2, 3):
        expected = _NATIONAL.get(number[:length])
        if expected is not None:
            rest = number[length:]
            if length == 1:
                return len(rest) == 10 and rest[0] in "23456789" and rest[3] in "23456789"
            return len(rest) in expected and (number[:2] != "34" or _spanish(rest))
    return number[0] != "1" and 9 <= len(number) <= 15


def phones(text: str) -> Iterator[Token]:
    """Numbers in the international form, with + or 00."""
    for match in _PLUS.finditer(text):
        number = _compact(match[1])
        before = text[max(0, match.start() - _NEAR) : match.start()]
        # Two zeros may as well be padding, unless the number is written in groups or its surroundings name it.
        padded = match[0][0] == "0" and match[1].isdigit() and number[:2] != "34" and not _CALL.search(before)
        yield Token(number, not padded and _international(number))


def _spanish(number: str) -> bool:
    """A mobile or a geographic number of the Spanish plan; 80x and 90x are services, not persons."""
    return bool(re.fullmatch(r"6[0-9]{8}|7[1-9][0-9]{7}|[89][1-8][0-9]{7}", number))


_SPANISH = re.compile(
    _LEFT
    + r"(?:\(?[0-9]{2,3}\)?(?:[ .-]?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}|[ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?[0-9]{2}"
    r"|[ .-]?[0-9]{3}[ .-]?[0-9]{3}|[ .-]?[0-9]{7})|34[0-9]{9})" + _RIGHT
)
_IN_PAIRS = re.compile(
    r"\(?(?:[0-9]{3}\)?([ .-])[0-9]{2}\1[0-9]{2}\1[0-9]{2}|[0-9]{2}\)?([ .-])[0-9]{3}\2[0-9]{2}\2[0-9]{2})"
)
_CALL = re.compile(
    r"(?:\bt(?:e?l)?f(?:no?|n|o)?\b|tel[eé]?f?o?n?o?s?\b|\bm[oó]vil|\bcel(?:ular)?\b|\bcell|phone|mobile|whats?app|"
    r"ll[aá]m[aeé]\w*|\bcall|contact\w*)[^0-9]*$",
    re.IGNORECASE,
)


def spanish_phones(text: str) -> Iterator[Token]:
    """Numbers of the Spanish plan, with or without 34 before them."""
    for match in _SPANISH.finditer(text):
        compact = _compact(match[0])
        number = compact[2:] if len(compact) == 11 else compact
        if len(number) != 9:
            continue
        before = text[max(0, match.start() - _NEAR) : match.start()]
        named = bool(_CALL.search(before))
        if not named and _OF_THINGS.search(before):
            continue
        good = _spanish(number)
        yield Token(compact, good, good and (named or bool(_IN_PAIRS.fullmatch(match[0]))))


def like_phones(tokens: set[str]) -> bool:
    """Numbers of many subscribers begin in many ways; those that were counted up do not."""
    return len(tokens) >= 5 and len({token[-9:-6] for token in tokens}) >= min(5, len(tokens) // 2 + 1)


_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])(?<![0-9A-Fa-f]{4}-)[A-Za-z]{2}[0-9]{2}(?=[ -]?[0-9A-Za-z])")


def accounts(text: str) -> Iterator[Token]:
    """Accounts, taken as long as their country's are, whatever follows; in one piece or in groups of four."""
    for match in _ACCOUNT.finditer(text):
        length = digits.IBAN_LENGTHS.get(match[0][:2].upper())
        if length is None:
            continue
        sign = text[match.end()]
        step = 4 if sign in " -" else length
        groups = [min(step, length - start) for start in range(0, length, step)]
        end = match.start() + length + len(groups) - 1
        taken = text[match.start() : end].split(sign) if step == 4 else [text[match.start() : end]]
        whole = "".join(taken)
        if [len(group) for group in taken] != groups or not (whole.isascii() and whole.isalnum()):
            continue
        if not text[end : end + 1].isalnum():
            yield Token(whole.upper(), digits.iban(whole.upper()))


_DOTTED = re.compile(r"(?<![0-9A-Za-z._-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z_])(?![.-][0-9])")


def addresses(text: str) -> Iterator[Token]:
    """Four numbers below 256, one of them at least 30: versions have small ones."""
    for match in _DOTTED.finditer(text):
        parts = [int(part) for part in match[0].split(".")]
        canonical = ".".join(map(str, parts)) == match[0]
        good = canonical and max(parts) < 256 and max(parts) >= 30 and parts[0] > 0
        named = bool(
            re.search(r"\b(?:ip(?:v4)?|from|desde|client|cliente)\W{0,3}$", text[: match.start()][-_NEAR:], re.I)
        )
        yield Token(match[0], good, good and named)


_COLONS = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])")


def addresses_6(text: str) -> Iterator[Token]:
    """IPv6 addresses with a group of at least three digits: times have none."""
    for match in _COLONS.finditer(text):
        groups = [group for group in match[0].split(":") if group]
        try:
            ipaddress.IPv6Address(match[0])
        except ValueError:
            continue
        yield Token(match[0].lower(), any(len(group) > 2 for group in groups) and len(groups) > 1)


_MAC = re.compile(r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Za-z])(?![:-])")


def macs(text: str) -> Iterator[Token]:
    """Hardware addresses with a letter among their digits."""
    for match in _MAC.finditer(text):
        yield Token(_compact(match[0].replace(":", "")), bool(re.search("[A-Fa-f]", match[0])))


_PAIR = re.compile(
    r"(?<![0-9A-Za-z.,-])(?<![0-9], )(-?[0-9]{1,2}\.[0-9]{4,})(?:[ \t]*[,;][ \t]*|[ \t]+)(-?[0-9]{1,3}\.[0-9]{4,})"
    r"(?![0-9A-Za-z.])(?!\s*,?\s*-?[0-9]+\.[0-9])"
)


def places(text: str) -> Iterator[Token]:
    """Latitude and longitude with four decimals or more."""
    for match in _PAIR.finditer(text):
        north, east = float(match[1]), float(match[2])
        # Pairs of shares and of standardised numbers lie around zero; hardly a person lives there.
        good = abs(north) <= 90 and abs(east) <= 180 and max(abs(north), abs(east)) > 5
        named = bool(re.search(r"(?:lat|coord|gps|ubicaci|location|geo)\w*\W*$", text[: match.start()][-_NEAR:], re.I))
        yield Token(match[0], good, good and named)
