"""Check digits: known identifiers pass, generated ones pass, and one wrong digit is refused wherever that is promised."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.privacy import digits

KNOWN = [
    (digits.card, ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "2223003122003222"]),
    # Each issuer's numbers at the ends of what it has been given.
    (digits.card, ["39123456789010", "30569309025904", "38520000023237", "6447777777777773"]),
    (digits.card, ["3589777777777778", "2720777777777770", "6763777777777777773", "347777777777777"]),
    (digits.iban, ["ES9121000418450200051332", "DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947"]),
    (digits.dni, ["12345678Z", "00000001R", "99999999R", "1234567L"]),
    (digits.nie, ["X1234567L", "Y1234567X", "Z1234567R", "K1234567L"]),
    (digits.cif, ["A58818501", "P2807900B", "Q2826000H"]),
    (digits.portuguese_nif, ["123456789", "213456788", "100000070"]),
    (digits.nir, ["255081416802538", "253072B07300470", "185052A00401270"]),
    (digits.codice_fiscale, ["RSSMRA85T10A562S"]),
    (digits.steuer_id, ["86095742719", "36574261809"]),
    (digits.nino, ["AB123456C"]),
    (digits.ssn, ["123456789"]),
    (digits.rut, ["125319092", "123456785"]),
    (digits.cuit, ["20267565393", "20123456786"]),
    (digits.curp, ["BOXW310820HNERXN09"]),
    (digits.cpf, ["11144477735", "52998224725"]),
]
WRONG = [
    (digits.card, ["4111111111111112", "1111111111111117", "4111111111111", "0000000000000000", "36700102000001"]),
    (
        digits.card,
        [
            "30677777777771",
            "6437777777777775",
            "3590777777777775",
            "2721777777777779",
            "6764777777777777771",
            "357777777777774",
            "37777777777772",
        ],
    ),
    (
        digits.iban,
        ["ES9121000418450200051333", "ES912100041845020005133", "XX9121000418450200051332", "ES00" + "0" * 20, ""],
    ),
    (digits.dni, ["12345678A", "00000000T", "123456Z", "Z", ""]),
    (digits.nie, ["X1234567A", "W1234567L", "X123456L", ""]),
    (digits.cif, ["A58818502", "12345678Z", "P28079002", ""]),
    (digits.portuguese_nif, ["123456780", "500000000", "12345678", ""]),
    (digits.nir, ["255081416802539", "355081416802538", "255131416802538", ""]),
    (digits.codice_fiscale, ["RSSMRA85T10A562T", "RSSMRA85T00A562S", "RSSMRA85Z10A562S", ""]),
    (digits.steuer_id, ["86095742718", "12345678901", "01234567899", "11111111111", ""]),
    (digits.nino, ["DB123456C", "AO123456C", "GB123456C", "AB123456E", ""]),
    (digits.ssn, ["000123456", "666123456", "900123456", "123003456", "123450000", "078051120", ""]),
    (digits.rut, ["125319093", "765432101", "1", ""]),
    (digits.cuit, ["20267565394", "30500001735", ""]),
    (digits.curp, ["BOXW310820HNERXN08", "BOXW310230HNERXN09", "BOXW310820HXXRXN09", ""]),
    (digits.cpf, ["11144477736", "11111111111", ""]),
]


@pytest.mark.parametrize(("valid", "texts"), KNOWN, ids=lambda value: getattr(value, "__name__", ""))
def test_known_identifiers_pass(valid, texts):
    assert [text for text in texts if not valid(text)] == []


@pytest.mark.parametrize(("valid", "texts"), WRONG, ids=lambda value: getattr(value, "__name__", ""))
def test_wrong_identifiers_are_refused(valid, texts):
    assert [text for text in texts if valid(text)] == []


# The kinds whose method finds every single wrong digit. Portugal's and Brazil's fold two remainders into one digit, and
# Mexico's and Spain's company numbers weigh some places evenly or double them beyond nine: there is no such promise.
PROMISED = {
    "card": digits.card,
    "iban": digits.iban,
    "dni": digits.dni,
    "nie": digits.nie,
    "nir": digits.nir,
    "codice-fiscale": digits.codice_fiscale,
    "steuer-id": digits.steuer_id,
    "rut": digits.rut,
    "cuit": digits.cuit,
}


@pytest.mark.parametrize("kind", PROMISED)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), place=st.integers(0, 40), step=st.integers(1, 9))
def test_one_wrong_digit_is_refused(invented, kind, seed, place, step):
    valid = PROMISED[kind]
    good = invented.KINDS[kind](random.Random(seed)).replace("-", "")
    assert valid(good)
    places = [n for n, char in enumerate(good) if char.isdigit()]
    at = places[place % len(places)]
    wrong = good[:at] + str((int(good[at]) + step) % 10) + good[at + 1 :]
    assert not valid(wrong)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), place=st.integers(0, 13))
def test_luhn_finds_swapped_neighbours_but_0_and_9(invented, seed, place):
    good = invented.KINDS["card"](random.Random(seed))
    a, b = good[place : place + 2]
    swapped = good[:place] + b + a + good[place + 2 :]
    assert digits.luhn(swapped) == (a == b or {a, b} == {"0", "9"})


@pytest.mark.parametrize("valid", [valid for valid, _ in KNOWN], ids=lambda valid: valid.__name__)
@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=24))
def test_no_text_makes_them_fail(valid, text):
    assert valid(text) in (True, False)


@pytest.mark.parametrize("valid", [valid for valid, _ in KNOWN], ids=lambda valid: valid.__name__)
def test_other_scripts_digits_are_none(valid):
    known = next(texts[0] for one, texts in KNOWN if one is valid)
    foreign = known.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})
    assert not valid(foreign)
