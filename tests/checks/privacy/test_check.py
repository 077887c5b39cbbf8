"""The four checks as they are configured: passed, failed, hollow, refused; and no value in anything they say."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from mlscore.checks import find_erased, find_personal_data, measure_anonymity
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError, UsageError
from mlscore.project.config import DataSettings

CLEAN = "pedido,unidades\nA-1,2\nA-2,3\n"
PEOPLE = "pedido,correo,notas\nA-1,ana@correo.es,ok\nA-2,luis@correo.es,tarjeta 4111111111111111\n"


@pytest.fixture
def data(write):
    def make(**texts):
        return DataSettings(sources={role: str(write(f"{role}.csv", text)) for role, text in texts.items()}, id=("id",))

    return make


def everything(result):
    return "\n".join([result.summary, *result.findings, *result.unknown, json.dumps(result.details, default=str)])


def test_personal_data_passes_and_fails(run, data):
    clean = run("personal-data", data=data(train=CLEAN))
    assert (clean.outcome, clean.summary) == (Outcome.PASSED, "0 of 2 columns judged hold personal data, 2 rows read")
    found = run("personal-data", data=data(train=PEOPLE))
    assert found.outcome is Outcome.FAILED
    assert found.findings == (
        'column "correo": e-mail addresses in 2 of 2 values (100.00%)',
        'column "notas": payment cards in 1 of 2 values (50.00%)',
    )
    assert [(value.name, value.value, value.threshold) for value in found.values] == [
        ("columns with personal data", 2, 0),
        ("columns judged", 3, None),
    ]
    assert not any(secret in everything(found) for secret in ("ana@", "luis", "4111"))


def test_personal_data_of_several_sources_and_an_allow_list(run, data):
    given = data(train=CLEAN, serving=PEOPLE)
    result = run(
        "personal-data", data=given, sources=["train", "serving"], allow={"correo": "to answer", "gone": "old"}
    )
    assert result.findings == ('serving: column "notas": payment cards in 1 of 2 values (50.00%)',)
    assert result.unknown == ('the allow-list names "gone", which is no column',)
    narrow = {"correo": {"kinds": ["phone"], "reason": "to call"}, "notas": {"kinds": "card", "reason": "payments"}}
    result = run("personal-data", data=given, sources=["serving"], allow=narrow)
    assert len(result.findings) == 1
    assert "correo" in result.findings[0]
    assert result.summary.endswith("1 findings are allowed")


@pytest.mark.parametrize(
    ("text", "options", "hollow"),
    [
        ("pedido,unidades\n", {}, "the table is empty"),
        (CLEAN, {"allow": {"pedido": "why", "unidades": "why"}}, "the allow-list covers every column with a value"),
        ("a,b\ntrue,false\n", {}, "no column could hold personal data"),
        ("a,b\ntrue,2020-01-01\n", {"names": False}, "no column could hold personal data"),
    ],
)
def test_personal_data_that_could_not_fail(run, data, text, options, hollow):
    result = run("personal-data", data=data(train=text), **options)
    assert (result.outcome, result.hollow) == (Outcome.HOLLOW, hollow)


def test_an_empty_source_beside_another_is_named(run, data):
    result = run("personal-data", data=data(train=CLEAN, serving="a,b\n"), sources=["train", "serving"])
    assert (result.outcome, result.unknown) == (Outcome.PASSED, ("serving: the table is empty",))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"allow": {"x": ""}}, 'the allow-list gives no reason for "x"'),
        ({"allow": {"x": {"kinds": ["card"]}}}, 'the allow-list gives no reason for "x"'),
        ({"allow": {"x": {"reason": "why", "kind": "card"}}}, 'the allow-list gives no reason for "x"'),
        ({"allow": {"x": {"reason": "why", "kinds": [1]}}}, 'the kinds allowed in "x" are no list'),
        ({"kinds": ["e-mail"]}, "there is no kind of personal data 'e-mail'; did you mean \"email\"?"),
        ({"share": 0}, "a share of 0"),
        ({"sources": ["serving"]}, 'the data role "serving" is not configured'),
        ({"sources": ["gone.csv"]}, "gone.csv"),
    ],
)
def test_personal_data_refused(run, data, options, text):
    with pytest.raises(UsageError) as error:
        run("personal-data", data=data(train=CLEAN), **options)
    assert text in str(error.value)


def test_erasure_passes_and_fails(run, data, write):
    write("erased.csv", "id\n7\n8\n")
    given = data(train="id,x\n1,a\n2,b\n", serving="customer,x\n007,a\n9,b\n,c\n")
    clean = run("erasure", data=given, erased="erased.csv")
    assert (clean.outcome, clean.summary) == (
        Outcome.PASSED,
        "0 rows in 0 of 1 sources hold erased ids, 2 ids are erased",
    )
    found = run("erasure", data=given, erased="erased.csv", sources=["train", "serving"], ids={"serving": "customer"})
    assert found.outcome is Outcome.FAILED
    assert found.findings == (
        "serving: 1 of 3 rows hold 1 erased ids, 1 of them spelt otherwise than in the list, at rows 0",
    )
    assert found.unknown == ("serving: 1 of 3 rows have no id",)
    assert "007" not in everything(found)


def test_erasure_by_digests(run, data, write):
    write("erased.csv", f"digest\n{sha256(b'2').hexdigest()}\n")
    result = run(
        "erasure", data=data(train="id\n1\n2\n"), erased="erased.csv", hashed="sha256", **{"list-id": "digest"}
    )
    assert result.findings == ("train: 1 of 2 rows hold 1 erased ids, at rows 1",)


@pytest.mark.parametrize(
    ("erased", "hollow"),
    [
        ("id,at\n", "the erasure list is empty"),
        ("id,at\n,2020-01-01\n", "the erasure list is empty"),
        ("id,at\nana@correo.es,2020-01-01\n", "no id could be found: train: its ids are numbers, those of the list"),
    ],
)
def test_erasure_that_could_not_fail(run, data, write, erased, hollow):
    write("erased.csv", erased)
    result = run("erasure", data=data(train="id,x\n1,a\n"), erased="erased.csv")
    assert result.outcome is Outcome.HOLLOW
    assert result.hollow.startswith(hollow)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"id": "user"}, InputError, "there is no column 'user'"),
        ({"ids": {"serving": "x"}}, ConfigError, '"ids" says nothing for "serving"'),
        ({"ids": {"train": 3}}, ConfigError, '"ids" says nothing for "train"'),
        ({"erased": "gone.csv"}, InputError, "gone.csv"),
        ({"hashed": "crc"}, ConfigError, "hashed"),
    ],
)
def test_erasure_refused(run, data, write, options, kind, text):
    write("erased.csv", "id\n1\n")
    with pytest.raises(kind) as error:
        run("erasure", data=data(train="id,x\n1,a\n"), **{"erased": "erased.csv", **options})
    assert text in str(error.value)


def test_erasure_without_an_id_is_refused(run, data, write):
    write("erased.csv", "id\n1\n")
    with pytest.raises(ConfigError, match="no column of ids is named"):
        run("erasure", data=DataSettings(), erased="erased.csv")


AGES = "age,zip,illness,person\n" + "".join(f"{20 + n % 3},2800{n % 2},{'ab'[n % 2]},{n // 2}\n" for n in range(60))


def test_anonymity_passes_and_fails(run, data):
    given = data(train=AGES)
    assert run("k-anonymity", data=given, columns=["age", "zip"], k=10).outcome is Outcome.PASSED
    found = run("k-anonymity", data=given, columns=["age", "zip"], k=11, sensitive="illness")
    assert found.findings == (
        "60 of 60 rows (100.00%) stand in 6 groups of fewer than 11 rows that share age, zip; the smallest has 10",
        "60 of 60 rows stand in groups with fewer than 2 values of illness; the fewest are 1",
    )
    assert run("k-anonymity", data=given, columns=["age"], k=11, bins={"age": 5}, sensitive=["illness"]).passed
    assert run("k-anonymity", data=given, columns=["age", "zip"], k=11, exposed=1.0).passed
    one_row = run("k-anonymity", data=data(train="age\n1\n"), columns="age")
    assert one_row.outcome is Outcome.FAILED


def test_anonymity_of_persons(run, data):
    result = run(
        "k-anonymity", data=data(train="zip,person\n" + "28001,1\n28001,2\n" * 3), columns="zip", k=3, person="person"
    )
    assert result.findings[0].endswith("groups of fewer than 3 persons that share zip; the smallest has 2")


@pytest.mark.parametrize(
    ("text", "columns", "hollow"),
    [
        ("age\n", "age", "the table is empty"),
        ("age\n" + "1\n" * 9, "age", "all rows share age: they tell nobody apart"),
    ],
)
def test_anonymity_that_could_not_fail(run, data, text, columns, hollow):
    result = run("k-anonymity", data=data(train=text), columns=columns)
    assert (result.outcome, result.hollow) == (Outcome.HOLLOW, hollow)


@pytest.mark.parametrize("options", [{"k": 1}, {"bins": {"age": "x"}}, {"columns": "agee"}, {"bins": {"zip": 2}}])
def test_anonymity_refused(run, data, options):
    with pytest.raises(UsageError):
        run("k-anonymity", data=data(train=AGES), **{"columns": "age", **options})


def test_access_to_files(run, write):
    write("data/a.csv", "x").chmod(0o640)
    write("data/b.csv", "x").chmod(0o644)
    (write("data/a.csv", "x").parent).chmod(0o750)
    assert run("access", paths="data/a.csv", mode="0640").outcome is Outcome.PASSED
    found = run("access", paths=["data", "s3://bucket/x"], mode="0640")
    assert found.findings == ("data/b.csv: mode 0644 lets everybody read, the policy is 0640",)
    assert found.unknown == ("s3://bucket/x: an object store's own policies say who may read it",)


def test_access_that_nothing_is_known_of_is_hollow(run):
    result = run("access", paths="s3://bucket/x", mode="0640")
    assert (result.outcome, result.hollow) == (Outcome.HOLLOW, "nothing could be judged")


def test_access_to_tables(run, server, sql):
    sql("CREATE ROLE c_reader", "CREATE TABLE ledger (id int)", "GRANT SELECT ON ledger TO c_reader")
    options = {"database": server, "tables": "ledger", "superusers": "postgres"}
    try:
        assert run("access", allow={"c_reader": "select"}, **options).outcome is Outcome.PASSED
        found = run("access", allow={"c_reader": ["INSERT"]}, **options)
    finally:
        sql("DROP TABLE ledger", "DROP ROLE c_reader")
    assert found.findings == ("public.ledger: c_reader has SELECT (granted)",)
    assert found.summary == "1 ways of access beyond the policy, 1 tables, files and folders judged"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "there is no policy"),
        ({"paths": "data"}, "paths without a mode are no policy"),
        ({"mode": "0640"}, "a mode needs paths"),
        ({"database": "postgresql://x/y"}, "a database without tables and roles is no policy"),
        ({"database": "postgresql://x/y", "tables": "a"}, "a database without tables and roles is no policy"),
        ({"allow": {"a": ["SELECT"]}}, "tables and roles need a database"),
        ({"database": "postgresql://x/y", "tables": "a", "allow": {"a": [1]}}, 'what "a" may do is no list'),
        ({"database": "postgresql://x/y", "tables": "a", "allow": {"a": "READ"}}, "'READ', which is no privilege"),
        ({"paths": "data", "mode": "rw"}, "'rw' is no mode"),
    ],
)
def test_access_without_a_policy_is_refused(run, options, text):
    with pytest.raises(UsageError) as error:
        run("access", **options)
    assert text in str(error.value)


def test_the_plain_functions_are_exported():
    assert {function.__name__ for function in (find_erased, find_personal_data, measure_anonymity)} == {
        "find_erased",
        "find_personal_data",
        "measure_anonymity",
    }
