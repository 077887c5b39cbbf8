"""Check digits: which texts are well-formed identifiers of banks, cards and states.

Every function takes the compact form, upper case, without separators, and refuses everything else; none raises.
"""

from __future__ import annotations

import re
from datetime import date

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_CIF_LETTERS = "JABCDEFGHI"
# The length of an IBAN by its country, from the registry that SWIFT keeps for ISO 13616.
IBAN_LENGTHS = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FI FK FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH CR HR LI LV",
        "22": "BG BH DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HN HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for country in countries.split()
}
_EVEN = {char: value for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {str(n): n for n in range(10)}
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_ODD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _ODD_VALUES, strict=True)) | {str(n): _ODD_VALUES[n] for n in range(10)}
_FISCAL = re.compile(r"[A-Z]{6}[0-9L-NP-V]{2}[ABCDEHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]")
_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")
_CURP = re.compile(r"[A-Z][AEIOUX][A-Z]{2}([0-9]{6})[HMX][A-Z]{2}[B-DF-HJ-NP-TV-ZÑ]{3}[0-9A-Z][0-9]")
_STATES = "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE CX"
_CURP_ORDER = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}
_NIR = re.compile(r"[12][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{6}[0-9]{2}")
_NINO = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")
_SSN = re.compile(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}")


def _only_digits(text: str, *lengths: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths


def _weighed(text: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))


def luhn(text: str) -> bool:
    """The sum of the digits, every second from the right doubled, is a multiple of ten (ISO/IEC 7812-1, annex B)."""
    if not (text.isascii() and text.isdigit()):
        return False
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    total = sum(int(d) if n % 2 == 0 else doubled[int(d)] for n, d in enumerate(reversed(text)))
    return total % 10 == 0


def card_shape(text: str) -> bool:
    """The issuer's prefix and the length fit a payment card in use.

    Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay and Maestro; Visa's old 13 digits are not.
    """
    if not _only_digits(text, 14, 15, 16, 19) or len(set(text)) == 1:
        return False
    two, four = int(text[:2]), int(text[:4])
    if len(text) == 15:
        return two in (34, 37)
    if len(text) == 14:
        return two in (36, 38, 39) or 300 <= int(text[:3]) <= 305
    if len(text) == 19:
        return text[0] == "4" or two == 62 or four in (5018, 5020, 5038, 6304, 6759, 6761, 6762, 6763)
    mastercard = 51 <= two <= 55 or 2221 <= four <= 2720
    discover = four == 6011 or two == 65 or 644 <= int(text[:3]) <= 649
    return text[0] == "4" or mastercard or discover or two in (36, 62) or 3528 <= four <= 3589


def card(text: str) -> bool:
    """A payment card's number: issuer, length and Luhn's digit."""
    return card_shape(text) and luhn(text)


def iban(text: str) -> bool:
    """An account number by ISO 13616: its country's length, and 1 modulo 97 (ISO 7064)."""
    if len(text) != IBAN_LENGTHS.get(text[:2]) or not (text.isascii() and text.isalnum() and text[2:4].isdigit()):
        return False
    if not 2 <= int(text[2:4]) <= 98:  # other pairs leave the same remainder and are never given out
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def dni(text: str) -> bool:
    """A Spanish identity card: eight digits (seven where a zero was lost) and the letter of their remainder by 23."""
    number, letter = text[:-1], text[-1:]
    return _only_digits(number, 7, 8) and int(number) > 0 and DNI_LETTERS[int(number) % 23] == letter


def nie(text: str) -> bool:
    """A foreigner's number in Spain (X, Y, Z), or a person's tax number without a card (K, L, M), by the same letter."""
    first, number, letter = text[:1], text[1:-1], text[-1:]
    if not _only_digits(number, 7) or first not in tuple("XYZKLM"):
        return False
    lead = str("XYZ".index(first)) if first in "XYZ" else ""
    return DNI_LETTERS[int(lead + number) % 23] == letter


def cif(text: str) -> bool:
    """A Spanish company's tax number; no person's, and never reported as one."""
    if len(text) != 9 or text[0] not in "ABCDEFGHJNPQRSUVW" or not _only_digits(text[1:8], 7):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in text[1:8:2])
    digit = -(doubled + sum(int(digit) for digit in text[2:8:2])) % 10
    if text[0] in "NPQRSW":
        return text[8] == _CIF_LETTERS[digit]
    return text[8] == str(digit) or (text[0] not in "ABEH" and text[8] == _CIF_LETTERS[digit])


def portuguese_nif(text: str) -> bool:
    """A natural person's tax number in Portugal (first digit 1 to 3, or 45), its last digit modulo 11."""
    if not _only_digits(text, 9) or not (text[0] in "123" or text[:2] == "45"):
        return False
    rest = _weighed(text, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(text[8]) == (0 if rest < 2 else 11 - rest)


def nir(text: str) -> bool:
    """A French social security number with its key, 97 less the remainder by 97; Corsica's 2A and 2B count as 19 and 18."""
    if not _NIR.fullmatch(text):
        return False
    return int(text[:13].replace("2A", "19").replace("2B", "18")) % 97 + int(text[13:]) == 97


def codice_fiscale(text: str) -> bool:
    """An Italian person's fiscal code: shape, a day that there is, and the letter of the weighed sum modulo 26."""
    if not _FISCAL.fullmatch(text):
        return False
    if not 1 <= int(text[9:11].translate(_OMOCODIA)) % 40 <= 31:  # women's days are 40 higher
        return False
    total = sum((_ODD if n % 2 == 0 else _EVEN)[char] for n, char in enumerate(text[:15]))
    return total % 26 == _EVEN[text[15]]


def steuer_id_shape(text: str) -> bool:
    """Eleven digits, not beginning with 0, of whose first ten exactly one digit stands there twice or thrice."""
    if not _only_digits(text, 11) or text[0] == "0":
        return False
    repeated = [n for n in (text[:10].count(digit) for digit in "0123456789") if n > 1]
    return len(repeated) == 1 and repeated[0] in (2, 3)


def steuer_id(text: str) -> bool:
    """A German tax identification number: its shape, and the digit of ISO 7064 MOD 11,10."""
    if not steuer_id_shape(text):
        return False
    product = 10
    for digit in text[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return int(text[10]) == (11 - product) % 10


def nino(text: str) -> bool:
    """A British national insurance number by its format; it has no check digit."""
    return bool(_NINO.fullmatch(text)) and text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def ssn(text: str) -> bool:
    """A social security number of the United States by its format; it has no check digit."""
    return bool(_SSN.fullmatch(text)) and text not in ("078051120", "219099999")


def rut(text: str) -> bool:
    """A Chilean person's number (below 50 million; companies are above), with its digit or K modulo 11."""
    number, check = text[:-1], text[-1:]
    if not _only_digits(number, 6, 7, 8) or not 100_000 <= int(number) < 50_000_000:
        return False
    total = sum(int(digit) * (2 + n % 6) for n, digit in enumerate(reversed(number)))
    return check == "0123456789K0"[11 - total % 11]


def cuit_shape(text: str) -> bool:
    """Eleven digits with the prefix of a person."""
    return _only_digits(text, 11) and text[:2] in ("20", "23", "24", "25", "26", "27")


def cuit(text: str) -> bool:
    """An Argentine person's tax or labour number (companies begin with 3), its last digit modulo 11."""
    if not cuit_shape(text):
        return False
    check = 11 - _weighed(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return check != 10 and int(text[10]) == check % 11


def curp(text: str) -> bool:
    """A Mexican population register code: shape, a date and a state that there are, and its digit modulo 10."""
    found = _CURP.fullmatch(text)
    if not found or text[11:13] not in _STATES.split():
        return False
    year, month, day = (int(found[1][n : n + 2]) for n in (0, 2, 4))
    try:
        date(2000 + year if text[16].isalpha() else 1900 + year, month, day)
    except ValueError:
        return False
    total = sum(_CURP_ORDER[char] * (18 - n) for n, char in enumerate(text[:17]))
    return int(text[17]) == -total % 10


def cpf(text: str) -> bool:
    """A Brazilian person's number: eleven digits, not all the same, the last two modulo 11."""
    if not _only_digits(text, 11) or len(set(text)) == 1:
        return False
    for length in (9, 10):
        rest = _weighed(text[:length], tuple(range(length + 1, 1, -1))) % 11
        if int(text[length]) != (0 if rest < 2 else 11 - rest):
            return False
    return True
