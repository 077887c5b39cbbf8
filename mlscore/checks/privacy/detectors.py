"""Detectors: for each kind of personal data, where it may stand in a text, and what tells it from a look-alike.

A detector has two eyes. Its `pattern` is a coarse regular expression that every engine knows; it never misses what
`find`, in Python, would confirm. `find` looks at the texts that the pattern let through and judges each token in them:
whether it is well-formed (check digits, lengths, ranges), and whether its surroundings name it ("DNI", "tel.").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import comb, exp, lgamma, log

from mlscore.checks.privacy import digits
from mlscore.checks.privacy.finders import (
    Token,
    accounts,
    addresses,
    addresses_6,
    found,
    like_phones,
    macs,
    mails,
    phones,
    places,
    spanish_phones,
)


class Rule(StrEnum):
    """When confirmed tokens are an alarm.

    ANY: the shape is so peculiar that one is enough. CHANCE: look-alikes pass the check digit now and then, so there must
    be more than chance explains. SHARE: there is no check digit, so a share of the rows must look like it.
    A token whose surroundings name it is enough under every rule.
    """

    ANY = "any"
    CHANCE = "chance"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of personal data.

    `chance` is the share of look-alikes that pass by chance. `lone`: a column's only candidates, all confirmed, are enough
    even when they are too few for chance to be ruled out. `numbers`: the kind is looked for in columns of numbers too.
    `plausible` may refuse a column's confirmed tokens (SHARE).
    """

    kind: str
    label: str
    pattern: str
    find: Callable[[str], Iterator[Token]]
    rule: Rule
    chance: float = 0.0
    lone: bool = False
    numbers: bool = False
    plausible: Callable[[set[str]], bool] = bool


# Chance must be as unlikely as this: a table has hundreds of pairs of column and kind.
UNLIKELY = 1e-4
_BARE = 0.5  # of a column of bare numbers so many must look like one of a kind without check digits
_ALONE = 0.5  # of the rows that the coarse pattern lets through so many must hold a column's only tokens
_TOKENS_AGREE = 0.8  # of the tokens of a kind without check digits so many must be well-formed

_DIGIT = "[0-9LMNPQRSTUVlmnpqrstuv]"  # letters stand for digits where two persons would have one code
FISCAL = f"[A-Za-z]{{6}}{_DIGIT}{{2}}[A-EHLMPRSTa-ehlmprst]{_DIGIT}{{2}}[A-Za-z]{_DIGIT}{{3}}[A-Za-z]"
# What any of them needs: texts without it are looked at no further.
LOOSE = "@|:[0-9A-Fa-f:]|[0-9]([^0-9]{0,3}[0-9]){3}|" + FISCAL
_BY_LETTER = {
    first: "".join(c[1] for c in digits.IBAN_LENGTHS if c[0] == first)
    for first in sorted({c[0] for c in digits.IBAN_LENGTHS})
}
_COUNTRY = "(" + "|".join(f"[{a}{a.lower()}][{b}{b.lower()}]" for a, b in _BY_LETTER.items()) + ")"
_START, _END = "(^|[^0-9A-Za-z])", "([^0-9A-Za-z]|$)"  # what engines know instead


def _some(digit_groups: str) -> str:
    return _START + digit_groups + _END


DETECTORS: tuple[Detector, ...] = (
    Detector("email", "e-mail addresses", r"[^ @,;:<>()]@[^ @,;:<>()]+[.][A-Za-z]{2}", mails, Rule.ANY),
    Detector("phone", "phone numbers", r"([+]|(^|[^0-9])00)[ (]{0,2}[1-9]([ .()/-]{0,2}[0-9]){7}", phones, Rule.ANY),
    Detector(
        "phone-es",
        "Spanish phone numbers",
        _some(r"[(]?[0-9]([ .()-]{0,2}[0-9]){8}([0-9]{2})?"),
        spanish_phones,
        Rule.SHARE,
        numbers=True,
        plausible=like_phones,
    ),
    Detector(
        "iban",
        "bank accounts (IBAN)",
        _START + _COUNTRY + "[0-9]{2}([0-9A-Za-z]{11,30}([^0-9A-Za-z]|$)|[ -][0-9A-Za-z]{4}[ -][0-9A-Za-z]{4}[ -])",
        accounts,
        Rule.CHANCE,
        chance=1 / 97,
        lone=True,
    ),
    Detector(
        "card",
        "payment cards",
        _START + "[2-6]([ -]?[0-9]){13,18}" + _END,
        found(
            r"[2-6][0-9]{3}([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?|3[0-9]{3}([ -]?)[0-9]{6}\2[0-9]{4,5}",
            digits.card,
            r"tarjeta|\bcard|visa|master|amex|cr[eé]dit|d[eé]bit|\bpan\b|\bcc\b",
            # Fourteen digits are as often a French establishment's number, which has the same check digit.
            lambda text: len(text) != 14 and digits.card_shape(text),
        ),
        Rule.CHANCE,
        chance=0.1,
        lone=True,
        numbers=True,
    ),
    Detector(
        "dni",
        "Spanish identity cards (DNI)",
        _some("[0-9]{1,2}[.]?[0-9]{3}[.]?[0-9]{3}[ -]?[A-Za-z]"),
        found(
            r"[0-9]{1,2}(\.?)[0-9]{3}\1[0-9]{3}[ -]?[A-Za-z]",
            digits.dni,
            r"\bd\.?n\.?i\b|\bn\.?i\.?f\b|c[eé]dula|identidad",
        ),
        Rule.CHANCE,
        chance=1 / 23,
        lone=True,
    ),
    Detector(
        "nie",
        "foreigners' numbers in Spain (NIE)",
        _some("[XYZKLMxyzklm][ -]?[0-9][.]?[0-9]{3}[.]?[0-9]{3}[ -]?[A-Za-z]"),
        found(r"[XYZKLMxyzklm][ -]?[0-9](\.?)[0-9]{3}\1[0-9]{3}[ -]?[A-Za-z]", digits.nie, r"\bn\.?i\.?[ef]\b"),
        Rule.CHANCE,
        chance=1 / 23,
        lone=True,
    ),
    Detector(
        "nif-pt",
        "Portuguese tax numbers (NIF)",
        "(^|[^0-9A-Za-z]|PT)[1234]([ .]?[0-9]){8}" + _END,
        found(
            r"(?:PT)?[1-4][0-9]{2}([ .]?)[0-9]{3}\1[0-9]{3}",
            lambda text: digits.portuguese_nif(text.removeprefix("PT")),
            r"\bnif\b|contribuinte",
            lambda text: text.removeprefix("PT")[0] in "123" or text.removeprefix("PT")[:2] == "45",
        ),
        Rule.CHANCE,
        chance=1 / 11,
        numbers=True,
    ),
    Detector(
        "nir",
        "French social security numbers (NIR)",
        _START + "[12]([ .]?[0-9]){4}[ .]?[0-9][0-9ABab]([ .]?[0-9]){8}" + _END,
        found(
            r"[12]([ .]?)[0-9]{2}\1[0-9]{2}\1[0-9][0-9ABab]\1[0-9]{3}\1[0-9]{3}[ .]?[0-9]{2}",
            digits.nir,
            r"\bnir\b|s[eé]cu",
        ),
        Rule.CHANCE,
        chance=1 / 97,
        lone=True,
        numbers=True,
    ),
    Detector(
        "codice-fiscale",
        "Italian fiscal codes",
        _some(FISCAL),
        found(
            FISCAL,
            digits.codice_fiscale,
            "codice",
        ),
        Rule.ANY,
    ),
    Detector(
        "steuer-id",
        "German tax numbers (Steuer-ID)",
        _START + "[1-9][0-9][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}" + _END,
        found(
            r"[1-9][0-9]( ?)[0-9]{3}\1[0-9]{3}\1[0-9]{3}",
            digits.steuer_id,
            r"steuer\W?id\w*|steuerliche\w*|\bidnr|\btin\b",
            digits.steuer_id_shape,
        ),
        Rule.CHANCE,
        chance=0.1,
        numbers=True,
    ),
    Detector(
        "nino",
        "British national insurance numbers",
        _some("[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Za-z]"),
        found(r"[A-Za-z]{2} ?[0-9]{2}( ?)[0-9]{2}\1[0-9]{2} ?[A-Za-z]", digits.nino, r"\bnino\b|insurance"),
        Rule.CHANCE,
        chance=0.1,
        lone=True,
    ),
    Detector(
        "ssn",
        "social security numbers of the United States",
        _some("[0-9]{3}-[0-9]{2}-[0-9]{4}"),
        found("[0-9]{3}-[0-9]{2}-[0-9]{4}", digits.ssn, r"\bssn\b|social"),
        Rule.CHANCE,
        chance=0.89,
        lone=True,
    ),
    Detector(
        "rut",
        "Chilean national numbers (RUT)",
        _some("[0-9]{1,2}[.]?[0-9]{3}[.]?[0-9]{3}-[0-9Kk]"),
        found(
            r"[0-9]{1,2}(\.?)[0-9]{3}\1[0-9]{3}-[0-9Kk]",
            digits.rut,
            r"\br\.?u\.?[tn]\b",
            lambda text: int(text[:-1]) < 50_000_000,
        ),
        Rule.CHANCE,
        chance=1 / 11,
        lone=True,
    ),
    Detector(
        "cuit",
        "Argentine tax numbers (CUIT, CUIL)",
        _START + "2[034567][ -]?[0-9]{8}[ -]?[0-9]" + _END,
        found("2[034567]([ -]?)[0-9]{8}\\1[0-9]", digits.cuit, r"\bcui[tl]\b"),
        Rule.CHANCE,
        chance=1 / 11,
        numbers=True,
    ),
    Detector(
        "curp",
        "Mexican population register codes (CURP)",
        _some("[A-Za-z]{4}[0-9]{6}[HMXhmx][A-Za-z]{5}[0-9A-Za-z][0-9]"),
        found("[A-Za-z]{4}[0-9]{6}[HMXhmx][A-Za-z]{5}[0-9A-Za-z][0-9]", digits.curp, "curp"),
        Rule.ANY,
    ),
    Detector(
        "cpf",
        "Brazilian tax numbers (CPF)",
        _START + "[0-9]{3}[.]?[0-9]{3}[.]?[0-9]{3}-?[0-9]{2}" + _END,
        found(r"[0-9]{3}(\.?)[0-9]{3}\1[0-9]{3}-?[0-9]{2}", digits.cpf, r"\bcpf\b"),
        Rule.CHANCE,
        chance=0.01,
        numbers=True,
    ),
    Detector(
        "ip",
        "IP addresses",
        _START + "[0-9]{1,3}([.][0-9]{1,3}){3}" + _END,
        addresses,
        Rule.SHARE,
    ),
    Detector("ipv6", "IPv6 addresses", "[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]", addresses_6, Rule.ANY),
    Detector("mac", "MAC addresses", "[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", macs, Rule.ANY),
    Detector(
        "coordinates",
        "coordinates to some 10 m",
        "[0-9]{1,2}[.][0-9]{4,}[ \t,;]+-?[0-9]{1,3}[.][0-9]{4}",
        places,
        Rule.SHARE,
        plausible=lambda tokens: len(tokens) >= 3,
    ),
)
KINDS = tuple(detector.kind for detector in DETECTORS)


@cache
def detector(kind: str) -> Detector:
    """The detector of a kind. Raises KeyError."""
    return {one.kind: one for one in DETECTORS}[kind]


def tail(trials: int, chance: float, successes: int) -> float:
    """The probability that so many trials have at least so many successes by chance (the binomial's upper tail)."""
    if successes <= 0:
        return 1.0
    if trials <= 60:
        return sum(comb(trials, n) * chance**n * (1 - chance) ** (trials - n) for n in range(successes, trials + 1))
    if successes <= trials * chance:
        return 1.0
    total = 0.0
    for n in range(successes, trials + 1):
        ways = lgamma(trials + 1) - lgamma(n + 1) - lgamma(trials - n + 1)
        term = exp(ways + n * log(chance) + (trials - n) * log(1 - chance))
        total += term
        if term < total * 1e-12:
            break
    return min(1.0, total)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a column's candidates of one kind came to; tokens are counted once however often they stand there.

    `present_share` is the share of rows with a value that hold a confirmed token. `bare`: most of these are nothing else
    but digits, as numbers of any kind are. `candidate_share` is the share of the rows
    that the coarse pattern lets through which hold one.
    """

    tokens: int
    confirmed: int
    strong: int
    present_share: float
    plausible: bool
    bare: bool = False
    candidate_share: float = 1.0


def alarms(one: Detector, judged: Judged, share: float) -> bool:
    """Whether the column holds that kind; `share` is what a kind without check digits needs."""
    if judged.confirmed == 0:
        return False
    if judged.strong or one.rule is Rule.ANY:
        return True
    if one.rule is Rule.CHANCE:
        # Among many numbers of that length one may well have an issuer's prefix and the right digit.
        alone = one.lone and judged.confirmed == judged.tokens and judged.candidate_share >= _ALONE
        return alone or tail(judged.tokens, one.chance, judged.confirmed) < UNLIKELY
    agree = judged.confirmed >= _TOKENS_AGREE * judged.tokens
    return agree and judged.plausible and judged.present_share >= (max(share, _BARE) if judged.bare else share)


def names_itself(text: str) -> bool:
    """Whether a text, such as a column's name, is itself personal data of the kinds of which one is enough."""
    peculiar = (one for one in DETECTORS if one.rule is Rule.ANY)
    return any(token.confirmed for one in peculiar for token in one.find(text))
