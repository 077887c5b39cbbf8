"""The package's own queries: every dialect can say them, and what stands in them is quoted."""

from __future__ import annotations

import pyarrow as pa
import pytest
import sqlglot

from mlscore.checks.privacy import scan
from mlscore.checks.privacy.anonymity import measure_anonymity
from mlscore.checks.privacy.detectors import detector
from mlscore.checks.privacy.erasure import find_erased
from mlscore.checks.privacy.personal import find_personal_data
from mlscore.tables.dialects import RUN, translate
from mlscore.tables.engines.duckdb import DuckDBEngine
from mlscore.tables.table import open_table

EVIL = "x\"; DROP TABLE y; --'"


@pytest.fixture
def asked(monkeypatch):
    """The queries that were run, in order."""
    queries = []
    run = DuckDBEngine.run

    def recorded(self, sql, what):
        queries.append(sql)
        return run(self, sql, what)

    monkeypatch.setattr(DuckDBEngine, "run", recorded)
    return queries


def rows(n=300):
    return pa.table(
        {
            EVIL: [f"a{i}@correo.es" for i in range(n)],
            "n": [610_000_000 + i * 100_000 for i in range(n)],
            "lat": [40.123456 + i / 1000 for i in range(n)],
            "lon": [3.123456 + i / 1000 for i in range(n)],
        }
    )


def test_every_dialect_that_runs_can_say_them(asked):
    find_personal_data(rows(), values=200)
    find_erased(rows(3), {"train": rows()}, id=EVIL)
    find_erased(rows(3), {"train": rows()}, id=EVIL, hashed="sha256")
    measure_anonymity(rows(), ["n", EVIL], bins={"n": 1000, EVIL: 2}, sensitive=["lat"], person=EVIL)
    assert len(asked) > 8
    for sql in asked:
        for dialect in RUN:
            assert len(sqlglot.parse(translate(sql, dialect), read=dialect)) == 1


def test_looks_are_few(asked):
    find_personal_data(rows())
    # A first look, a count of candidates, one to judge for each column with some, one for coordinates, and a sample's.
    assert len(asked) <= 8


def test_a_text_column_is_read_whole_and_an_odd_number_is_not_text():
    with open_table(pa.table({"x": [1.0, 2.5, None], "b": [b"1", b"2", None]})) as table:
        engine = table.engine
        sql = scan.as_text(engine.scope, table.columns[0])
        assert engine.run(f"SELECT {sql} FROM {engine.scope.relation}", "reading") == [("1",), (None,), (None,)]
        assert scan.as_text(engine.scope, table.columns[1]) is None
        assert scan.searched(table.columns[1]) == ()


def test_the_same_values_are_drawn_every_time():
    data = pa.table({"x": [f"a{n}@correo.es" for n in range(5_000)]})
    with open_table(data) as table:
        engine = table.engine
        (looked,) = scan.first_look(engine, table.columns)
        assert (looked.rows, looked.present, looked.loose) == (5_000, 5_000, 5_000)
        first, again = (scan.candidates(engine, looked, detector("email"), 5_000, most=300) for _ in range(2))
        whole = scan.candidates(engine, looked, detector("email"), 5_000)
    assert sorted(first.values) == sorted(again.values)
    assert not first.whole
    assert 200 < len(first.values) < 420
    assert whole.whole
    assert (len(whole.values), whole.distinct) == (5_000, 5_000)
