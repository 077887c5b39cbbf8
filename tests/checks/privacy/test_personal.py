"""Personal data in tables: every row is read, the figures are right, and no value ever leaves."""

from __future__ import annotations

import random
from dataclasses import asdict
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.checks.privacy.personal import Allowed, find_personal_data
from mlscore.errors import InputError, UsageError
from mlscore.tables.table import open_table

CARD = "4111111111111111"


def found(data, **options):
    return {(one.column, one.kind): one for one in find_personal_data(data, **options).found}


def column(values, name="x"):
    return pa.table({name: pa.array(values)})


@pytest.fixture(scope="module")
def orders():
    """2,000 rows of a shop without a person in it."""
    dice = random.Random(3)
    rows = 2_000
    return pa.table(
        {
            "pedido": [str(dice.randrange(10**15, 10**16)) for _ in range(rows)],
            "fecha": [f"2024-01-{1 + n % 28:02d}T10:00:00" for n in range(rows)],
            "importe": [round(dice.uniform(1, 500), 2) for _ in range(rows)],
            "unidades": [dice.randrange(1, 9) for _ in range(rows)],
            "sku": [f"{dice.randrange(10**7, 10**8)}{dice.choice('ABCDEFGH')}" for _ in range(rows)],
            "ean": [8_400_000_000_000 + dice.randrange(10**11) for _ in range(rows)],
            "nombre": [
                dice.choice(["Silla", "Mesa roja", "Lámpara", "Estantería"]) + f" {n % 40}" for n in range(rows)
            ],
            "creado": [1_700_000_000_000 + n for n in range(rows)],
            "notas": [dice.choice(["ok", "Entregar por la tarde", None, "Devuelto 2 veces"]) for _ in range(rows)],
        }
    )


def replaced(table, name, values):
    return table.set_column(table.schema.names.index(name), name, pa.array(values))


def test_a_table_of_things_is_clean(orders):
    result = find_personal_data(orders)
    assert result.found == ()
    assert set(result.judged) == set(orders.schema.names)
    assert (result.rows, result.unknown, result.stale) == (2_000, (), ())


def test_one_row_of_free_text_is_found(orders):
    notes = orders.column("notas").to_pylist()
    notes[1_500] = "Llamar antes; el DNI es 12.345.678-Z"
    only = found(replaced(orders, "notas", notes))
    assert set(only) == {('column "notas"', "dni")}
    one = only['column "notas"', "dni"]
    assert (one.rows, one.confirmed, one.exact) == (1, 1, True)
    assert one.present == sum(note is not None for note in notes)


def test_one_bare_card_among_words_is_found_and_one_among_numbers_is_chance():
    assert set(found(column(["ok", "nada", CARD, None] + ["bien"] * 50))) == {('column "x"', "card")}
    others = [f"6{n:014d}" for n in range(10**9, 10**9 + 50)]
    assert found(column([*others, "378282246310005"])) == {}


def test_counts_are_of_rows_not_of_values(orders):
    mails = ["ana@correo.es", "luis@correo.es", None, "nada"] * 500
    one = found(replaced(orders, "notas", mails))['column "notas"', "email"]
    assert (one.rows, one.present, one.judged, one.confirmed) == (1_000, 1_500, 2, 2)


@pytest.mark.parametrize(
    "values",
    [
        [int(CARD)] * 3,
        [float(CARD), None, float("nan"), float("inf")],
        [Decimal(CARD), None],
        [f"pago con {CARD}"],
        [{"pago": {"tarjeta": CARD}}],
        [[CARD, "x"]],
        pa.array([CARD]).dictionary_encode(),
    ],
    ids=["integer", "float", "decimal", "text", "struct", "list", "categories"],
)
def test_every_kind_of_column_is_looked_at(values):
    assert ('column "x"', "card") in found(column(values))


@pytest.mark.parametrize(
    "of", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint64(), pa.float32(), pa.decimal128(38, 2)], ids=str
)
def test_the_extremes_of_numbers(of):
    low, high = {
        pa.float32(): (-3e38, 3e38),
        pa.decimal128(38, 2): (Decimal(-(10**35)), Decimal(10**35)),
        pa.uint64(): (0, 2**64 - 1),
    }.get(of) or (-(2 ** (of.bit_width - 1)), 2 ** (of.bit_width - 1) - 1)
    data = pa.table({"x": pa.array([low, high, None], of), "dni": pa.array([low, high, None], of)})
    assert {one.kind for one in find_personal_data(data).found} <= {"national-id"}


def test_phones_stored_as_numbers():
    dice = random.Random(1)
    assert set(found(column([600_000_000 + dice.randrange(10**8) for _ in range(300)]))) == {('column "x"', "phone-es")}
    assert found(column([600_000_000 + n for n in range(300)])) == {}


def test_the_share_of_a_kind_without_check_digits():
    texts = ["entró 83.45.12.9"] + ["nada"] * 199
    assert found(column(texts)) == {}
    assert set(found(column(texts), share=0.005)) == {('column "x"', "ip")}


def test_names_alarm_where_a_value_can_be_what_they_say():
    data = pa.table({"email": ["sí 1234@", "x", None], "movil": [True, False, True], "dni": [0, 1, 2]})
    assert {key: one.by for key, one in found(data).items()} == {('column "email"', "email"): "name"}
    assert found(data, by_name=False) == {}
    assert found(pa.table({"apellidos": pa.array([None, None], pa.string())})) == {}


def test_digests_are_told_of_by_their_name_alone():
    from hashlib import md5

    digests = [md5(f"{n}@correo.es".encode()).hexdigest() for n in range(50)]
    (one,) = find_personal_data(pa.table({"email_md5": digests, "x": digests})).found
    assert str(one) == (
        'column "email_md5": the name says digests of e-mail addresses, which anybody can compute again, '
        "and 50 rows have a value"
    )


def test_dates_of_birth_are_known_by_name():
    from datetime import date

    data = pa.table({"fecha_nacimiento": [date(1980, 1, 1)], "fecha_pedido": [date(2024, 1, 1)]})
    assert set(found(data)) == {('column "fecha_nacimiento"', "birth")}


def test_first_names_tell_a_bare_name_and_a_column_without_one():
    people = ["María", "José Luis", "Carmen Ruiz", "Lucía", "Antonio"] * 10
    data = pa.table({"nombre": people, "x7": people, "name": [f"Widget {n}" for n in range(50)]})
    assert {(key, one.by) for key, one in found(data).items()} == {
        (('column "nombre"', "name"), "name"),
        (('column "x7"', "first-name"), "content"),
    }


def test_precise_coordinates_in_two_columns():
    exact = pa.table({"lat": [40.416775, 41.385064], "lon": [-3.703790, 2.173404]})
    assert set(found(exact)) == {('column "lat"', "coordinates")}
    assert found(pa.table({"lat": [40.4, 41.38], "lon": [-3.7, 2.17]})) == {}
    assert found(pa.table({"lat": [40.416775, 41.385064], "x": [-3.703790, 2.173404]})) == {}


def test_the_allow_list():
    data = pa.table({"mail": ["ana@correo.es"], "notas": ["ana@correo.es, tarjeta 4111111111111111"]})
    allow = {"mail": "needed to answer", "notas": Allowed("agents write to customers", ("email",)), "old": "was there"}
    result = find_personal_data(data, allow=allow)
    assert [(one.column, one.kind) for one in result.found] == [('column "notas"', "card")]
    assert [(one.column, one.kind) for one in result.allowed] == [('column "notas"', "email")]
    assert (result.judged, result.stale) == (("notas",), ("old",))


def test_families_of_kinds_are_allowed_together():
    data = column(["12345678Z", "X1234567L"])
    assert len(found(data)) == 2
    assert found(data, allow={"x": Allowed("contracts", ("national-id",))}) == {}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"allow": {"x": " "}}, "the allow-list gives no reason for 'x'; say why the column may be there"),
        ({"allow": {"x": Allowed("why", ("mails",))}}, "there is no kind of personal data 'mails'"),
        ({"kinds": ["emial"]}, "there is no kind of personal data 'emial'; did you mean \"email\"?"),
        ({"share": 0}, "a share of 0 would not tell anything; give one above 0, up to 1"),
    ],
)
def test_what_is_refused(options, text):
    with pytest.raises(UsageError) as error:
        find_personal_data(column(["a"]), **options)
    assert str(error.value).startswith(text)


def test_a_source_that_is_not_there(tmp_path):
    with pytest.raises(InputError):
        find_personal_data(str(tmp_path / "gone.parquet"))


SECRETS = ["ana.perez@correo.es", "612345678", "12345678Z", "ES9121000418450200051332", CARD, "83.45.12.9", "María"]


def test_no_value_leaves():
    rows = [[f"tel. {SECRETS[1]}", SECRETS[0], SECRETS[2], SECRETS[3], int(CARD), f"ip {SECRETS[5]}", "María"]] * 40
    names = ["a", "email", "dni", SECRETS[0], "n", "b", "nombre"]
    data = pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})
    result = find_personal_data(data)
    assert len({one.column for one in result.found}) == 7
    text = "\n".join(map(str, result.found)) + str(asdict(result))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "column 4 (its name is personal data)" in text


def test_beyond_what_is_judged_one_by_one_the_figure_is_an_estimate():
    dice = random.Random(5)
    values = [f"a{n}@correo.es" if dice.random() < 0.3 else f"a{n}@2x.png" for n in range(8_000)]
    true = sum(value.endswith(".es") for value in values)
    one = found(column(values), values=1_000)['column "x"', "email"]
    assert not one.exact
    assert 500 < one.judged < 2_000
    assert one.low <= true <= one.high
    assert one.low < one.rows < one.high
    assert "at 95 %" in str(one)
    assert find_personal_data(column(values), values=1_000) == find_personal_data(column(values), values=1_000)


def test_what_sampling_may_have_missed_is_said():
    values = [f"a{n}@2x.png" for n in range(5_000)]
    result = find_personal_data(column(values), values=500)
    assert result.found == ()
    (unknown,) = result.unknown
    assert "at most" in unknown
    assert "e-mail addresses" in unknown


@pytest.mark.parametrize("rows", [0, 1])
def test_small_tables(rows):
    data = pa.table({"mail": pa.array(["ana@correo.es"] * rows, pa.string()), "n": pa.array([1] * rows, pa.int64())})
    result = find_personal_data(data)
    assert (len(result.found), result.rows) == (rows, rows)


def test_odd_names_and_many_columns():
    names = ['a "quoted"', "a.b", "select", "día 🙂", "x; DROP TABLE y --", "A", "a"]
    data = pa.table({name: ["ana@correo.es"] for name in names} | {f"c{n}": ["nada"] for n in range(400)})
    assert {one.column for one in find_personal_data(data).found} == {f'column "{name}"' for name in names}


def test_binary_columns_are_named_as_not_judged():
    result = find_personal_data(column([b"ana@correo.es"]))
    assert result.unknown == ('column "x" holds binary values',)
    assert result.judged == ()


def test_a_given_table_stays_open(tmp_path):
    with open_table(column(["ana@correo.es"])) as table:
        assert len(find_personal_data(table).found) == 1
        assert table.count() == 1


def test_postgresql_gives_the_same(server, sql):
    rows = [f"('{n}', 'a{n}@correo.es', {610_000_000 + n * 1_979_000}, 'dni 12345678Z', {n}.5)" for n in range(40)]
    sql(
        "CREATE TABLE privacy_rows (id text, mail text, tel bigint, notas text, x float8)",
        f"INSERT INTO privacy_rows VALUES {', '.join(rows)}, (NULL, NULL, NULL, NULL, 'NaN')",
    )
    source = f"{server}{'&' if '?' in server else '?'}table=privacy_rows"
    with open_table(source) as table:
        local = table.sample(100)
    try:
        remote = find_personal_data(source)
    finally:
        sql("DROP TABLE privacy_rows")
    assert remote.found == find_personal_data(local).found
    assert {(one.column, one.kind, one.rows) for one in remote.found} == {
        ('column "mail"', "email", 40),
        ('column "tel"', "phone-es", 40),
        ('column "notas"', "dni", 40),
    }


def test_generated_columns_are_found(invented):
    kinds = ("email", "phone-es", "card", "dni", "nif-pt", "cpf")
    counts = invented.detected(kinds, runs=2, rows=300, seed=11)
    assert {kind: found[:2] for kind, found in counts.items()} == {kind: [2, 2] for kind in kinds}
    # What the page says that it cannot see.
    assert counts["nif-pt"][2] == 0


def test_look_alikes_do_not_alarm(invented):
    alarms = invented.alarmed(runs=1, rows=300, seed=11)
    assert len(alarms) > 30
    assert {name: kinds for name, (count, kinds) in alarms.items() if count} == {}
