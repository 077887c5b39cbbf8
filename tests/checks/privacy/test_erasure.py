"""Erasure: ids that come back are found however they are spelt, and a list that finds nothing says why it could not."""

from __future__ import annotations

from hashlib import md5, sha256

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.privacy.erasure import find_erased
from mlscore.errors import InputError, UsageError


def ids(values, name="id"):
    return pa.table({name: pa.array(values)})


def search(erased, source, **options):
    (one,) = find_erased(ids(erased), {"train": ids(source)}, id="id", **options).sources
    return one


def test_clean_sources_hold_none():
    one = search([1, 2], [3, 4, 5])
    assert (one.rows, one.ids, one.total, one.positions, one.unlike) == (0, 0, 3, (), None)


def test_rows_ids_and_positions():
    one = search([7, 9, 100], [1, 7, 7, 9, 12])
    assert (one.rows, one.ids, one.disguised, one.positions) == (3, 2, 0, (1, 2, 3))


UUID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("listed", "stored"),
    [
        (["7"], [7]),
        ([7], ["7", None]),
        (["007"], [7]),
        ([7], ["0007"]),
        ([7], [7.0, float("nan")]),
        (["7.0"], [7]),
        ([" 7\t"], [7]),
        (["abc-1"], ["ABC-1 "]),
        (["ana@correo.es"], ["Ana@Correo.es"]),
        (["\u00a0x1\n"], ["x1"]),
        ([UUID], [UUID.upper()]),
        ([UUID], ["{" + UUID.replace("-", "") + "}"]),
        (["000"], [0]),
    ],
)
def test_another_spelling_does_not_escape(listed, stored):
    assert search(listed, stored).rows == 1


@pytest.mark.parametrize(("listed", "stored"), [("7", "70"), ("7", "7a"), ("a", "b"), ("1.5", "1"), ("ab", "a b")])
def test_other_ids_are_other_ids(listed, stored):
    assert search([listed], [stored]).rows == 0


def test_spelt_otherwise_is_counted():
    one = search(["7", "x"], ["7", "07", "X", "x"])
    assert (one.rows, one.disguised) == (4, 2)
    assert "2 of them spelt otherwise than in the list" in str(one)


@settings(max_examples=12, deadline=None)
@given(
    listed=st.sets(st.integers(0, 60), min_size=1, max_size=8),
    stored=st.lists(st.integers(0, 60), min_size=1, max_size=30),
    zeros=st.integers(0, 4),
)
def test_counts_agree_with_plain_python(listed, stored, zeros):
    one = search([f" {'0' * zeros}{n}" for n in listed], stored)
    assert one.rows == sum(n in listed for n in stored)
    assert one.ids == len(listed & set(stored))


@pytest.mark.parametrize(("hashed", "digest"), [("md5", md5), ("sha256", sha256)])
def test_a_list_of_digests(hashed, digest):
    listed = [digest(b"007").hexdigest().upper(), digest(b"8").hexdigest(), digest(b"gone").hexdigest()]
    one = search(listed, ["007", "008", "9", digest(b"gone").hexdigest()], hashed=hashed)
    assert (one.rows, one.ids, one.disguised) == (3, 3, None)


def test_several_sources_and_columns_of_other_names():
    result = find_erased(
        ids([1], "who"),
        {"a": ids([1]), "b": ids([1, 2], "customer"), "c": ids([3])},
        id="id",
        ids={"b": "customer"},
        list_id="who",
    )
    assert [(one.source, one.rows) for one in result.sources] == [("a", 1), ("b", 1), ("c", 0)]


def test_ids_of_two_columns():
    listed = pa.table({"shop": ["A", "B"], "n": [1, 2]})
    stored = pa.table({"shop": ["a", "A", "b", None], "n": ["01", "2", "2", "1"]})
    (one,) = find_erased(listed, {"x": stored}, id=["shop", "n"]).sources
    assert (one.rows, one.missing) == (2, 1)


def test_an_empty_list_and_missing_ids():
    result = find_erased(ids(pa.array([None, " "], pa.string())), {"x": ids([1])}, id="id")
    assert (result.listed, result.missing, result.sources) == (0, 2, ())
    assert search([1], [None, 2]).missing == 1


@pytest.mark.parametrize(
    ("listed", "stored", "why"),
    [
        (["ana@correo.es"], [1, 2], "its ids are numbers, those of the list e-mail addresses"),
        ([1], pa.array([None], pa.int64()), "it holds no ids"),
        ([1], pa.array([], pa.int64()), "it is empty"),
        ([sha256(b"1").hexdigest()], [1], "its ids are numbers, those of the list hexadecimal digests"),
    ],
)
def test_ids_that_cannot_meet_are_told_of(listed, stored, why):
    assert search(listed, stored).unlike == why


def test_no_id_is_shown_but_its_place():
    one = search(["ana@correo.es"], ["ana@correo.es"])
    assert str(one) == "train: 1 of 1 rows hold 1 erased ids, at rows 0"


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"id": "idd"}, InputError, "there is no column 'idd'"),
        ({"id": []}, UsageError, "no column of ids is named"),
        ({"id": "id", "hashed": "crc"}, UsageError, "'crc' is no digest"),
        ({"id": "flag"}, InputError, "the column 'flag' holds boolean values"),
        ({"id": "id", "list_id": ["id", "flag"]}, InputError, "the column 'flag' holds boolean"),
        ({"id": "id", "list_id": ["id", "id"]}, UsageError, "an id is 1 columns there and 2 in the list"),
    ],
)
def test_what_is_refused(options, kind, text):
    data = pa.table({"id": [1], "flag": [True]})
    with pytest.raises(kind) as error:
        find_erased(data, {"x": data}, **options)
    assert text in str(error.value)


def test_no_source_is_refused():
    with pytest.raises(UsageError, match="no source"):
        find_erased(ids([1]), {}, id="id")


def test_postgresql_is_asked_by_digests(server, sql):
    sql("CREATE TABLE erased_rows AS SELECT lpad(n::text, 4, '0') AS id FROM generate_series(1, 50) n")
    source = f"{server}{'&' if '?' in server else '?'}table=erased_rows"
    try:
        (one,) = find_erased(ids([3, 5, 99]), {"log": source}, id="id").sources
        (digests,) = find_erased(ids([md5(b"0007").hexdigest()]), {"log": source}, id="id", hashed="md5").sources
    finally:
        sql("DROP TABLE erased_rows")
    assert (one.rows, one.ids, one.total, one.positions) == (2, 2, 50, ())
    assert one.digests == tuple(sorted(sha256(text).hexdigest()[:8] for text in (b"3", b"5")))
    assert digests.rows == 1


def test_the_list_may_be_in_the_server_and_the_rows_here(server, sql):
    sql("CREATE TABLE erased_list AS SELECT n AS id FROM generate_series(1, 12000) n")
    source = f"{server}{'&' if '?' in server else '?'}table=erased_list"
    try:
        (one,) = find_erased(source, {"train": ids([0, 5, 11_999, 20_000])}, id="id").sources
    finally:
        sql("DROP TABLE erased_list")
    assert (one.rows, one.ids, one.positions) == (2, 2, (1, 2))
