"""Detectors: what is found in texts, what is not, and when it is an alarm."""

from __future__ import annotations

import random
import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.privacy.detectors import DETECTORS, LOOSE, Judged, alarms, detector, names_itself, tail


def kinds(text, strong=False):
    return {d.kind for d in DETECTORS for token in d.find(text) if token.confirmed and (token.strong or not strong)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ana.perez@correo.es", "email"),
        ("Escriba a <Ana.Pérez+x@sub.correo.es>, gracias", "email"),
        ("contacto:maria@correo.es.", "email"),
        ("+34 612 34 56 78", "phone"),
        ("+1 (415) 555-2671", "phone"),
        ("0034612345678", "phone"),
        ("00 44 20 7946 0958", "phone"),
        ("612345678", "phone-es"),
        ("91 234 56 78", "phone-es"),
        ("(91) 234 56 78", "phone-es"),
        ("34612345678", "phone-es"),
        ("mi cuenta ES91 2100 0418 4502 0005 1332 gracias", "iban"),
        ("es9121000418450200051332", "iban"),
        ("GB82-WEST-1234-5698-7654-32", "iban"),
        ("4111 1111 1111 1111", "card"),
        ("3782-822463-10005", "card"),
        ("Tarjeta4 4111111111111111.", "card"),
        ("12.345.678-Z", "dni"),
        ("12345678z", "dni"),
        ("X-1234567-L", "nie"),
        ("PT123456789", "nif-pt"),
        ("2 55 08 14 168 025 38", "nir"),
        ("rssmra85t10a562s", "codice-fiscale"),
        ("86 095 742 719", "steuer-id"),
        ("AB 12 34 56 C", "nino"),
        ("123-45-6789", "ssn"),
        ("12.531.909-2", "rut"),
        ("20-26756539-3", "cuit"),
        ("BOXW310820HNERXN09", "curp"),
        ("111.444.777-35", "cpf"),
        ("83.45.12.9", "ip"),
        ("[2001:db8::ff00:42:8329]", "ipv6"),
        ("a4:5e:60:c2:0f:11", "mac"),
        ("40.416775, -3.703790", "coordinates"),
        ('{"mail": "ana@correo.es"}', "email"),
    ],
)
def test_found_in_texts(text, kind):
    assert kind in kinds(text)
    connection = duckdb.connect()
    for pattern in (detector(kind).pattern, LOOSE):
        assert connection.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchone() == (True,)


@pytest.mark.parametrize(
    "text",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "2024-01-31T12:00:00.123456+00:00",
        "12:34:56",
        "3.14159265358979",
        "2.5e+12345678",
        "4006381333931",
        "10.0.19041.1",
        "1.2.3.4",
        "256.300.1.2",
        "react@18.2.0",
        "icon@2x.png",
        "git@github.com:owner/name.git",
        "0.123456, 0.543210",
        "[40.416775, -3.703790, 12.123456]",
        "su pedido 4111111111111111 ha salido",
        "ref. 612345678",
        "https://shop.example/orders/4111111111111111",
        "A58818501",
        "902123456",
        "007123456789",
        "std::vector::size",
        "",
    ],
)
def test_look_alikes_are_not(text):
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "llámame al 612345678",
        "Tel.: 912345678",
        "móvil 612 345 678",
        "612 34 56 78",
        "DNI: 12345678Z",
        "su tarjeta, 4111111111111111",
        "o meu NIF é 123456789",
        "meu CPF: 11144477735",
        "entró desde la IP 83.45.12.9",
        "coordenadas 40.416775, -3.703790",
    ],
)
def test_what_is_named_is_enough_by_itself(text):
    assert kinds(text, strong=True)


@pytest.mark.parametrize("text", ["612345678", "pago 4111111111111111", "123456789"])
def test_what_is_not_named_is_not(text):
    assert not kinds(text, strong=True)


@pytest.mark.parametrize("kind", [one.kind for one in DETECTORS])
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**9), around=st.sampled_from([("", ""), ("x ", " y"), ("(", ")"), ("¿", "?"), ('"', '",')])
)
def test_generated_ones_are_confirmed_and_pass_both_patterns(invented, kind, seed, around):
    text = around[0] + invented.KINDS[kind](random.Random(seed)) + around[1]
    assert any(token.confirmed for token in detector(kind).find(text))
    assert re.search(detector(kind).pattern, text)
    assert re.search(LOOSE, text)


@pytest.mark.parametrize("one", DETECTORS, ids=lambda one: one.kind)
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="0123456789ABXYZabe@.:-+ ()/,é\n", max_size=40))
def test_the_engine_s_pattern_misses_nothing_that_is_confirmed(one, text):
    if any(token.confirmed for token in one.find(text)):
        assert re.search(one.pattern, text)
        assert re.search(LOOSE, text)


def judged(tokens, confirmed, strong=0, share=1.0, plausible=True, bare=False, candidates=1.0):
    return Judged(tokens, confirmed, strong, share, plausible, bare, candidates)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("email", judged(1, 1, share=0.0001), True),
        ("email", judged(5, 0), False),
        ("card", judged(1, 1), True),
        ("card", judged(2, 1), False),
        ("card", judged(1, 1, candidates=0.02), False),
        ("card", judged(5, 5, candidates=0.02), True),
        ("card", judged(1000, 100), False),
        ("card", judged(1000, 990), True),
        ("card", judged(1000, 100, strong=1), True),
        ("nif-pt", judged(1, 1), False),
        ("nif-pt", judged(4, 4), True),
        ("ssn", judged(1000, 890), False),
        ("ssn", judged(1000, 999), True),
        ("phone-es", judged(1000, 350), False),
        ("phone-es", judged(1000, 990), True),
        ("phone-es", judged(1000, 990, plausible=False), False),
        ("phone-es", judged(1000, 990, share=0.02), True),
        ("phone-es", judged(1000, 990, share=0.005), False),
        ("phone-es", judged(1000, 990, share=0.02, bare=True), False),
    ],
)
def test_when_it_is_an_alarm(kind, given, expected):
    assert alarms(detector(kind), given, 0.01) is expected


def test_numbers_that_were_counted_up_are_no_phones():
    plausible = detector("phone-es").plausible
    assert not plausible({str(600_000_000 + n) for n in range(1000)})
    dice = random.Random(1)
    assert plausible({str(dice.randrange(600_000_000, 700_000_000)) for _ in range(1000)})
    assert not plausible({"612345678"})


@settings(max_examples=60, deadline=None)
@given(trials=st.integers(1, 400), chance=st.sampled_from([0.01, 1 / 23, 0.1, 0.89]), data=st.data())
def test_the_tail_is_the_binomial_s(trials, chance, data):
    from scipy.stats import binom

    successes = data.draw(st.integers(0, trials))
    exact = float(binom.sf(successes - 1, trials, chance))
    found = tail(trials, chance, successes)
    # Beyond sixty trials nothing below the mean is computed: it is no alarm either way.
    assert (
        found == 1.0
        if trials > 60 and successes <= trials * chance
        else found == pytest.approx(exact, rel=1e-6, abs=1e-30)
    )


def test_a_column_s_name_may_be_personal_data():
    assert names_itself("ana@correo.es")
    assert not names_itself("612345678")
    assert not names_itself("correo")
