"""Digests of texts are made in every engine, of their bytes in UTF-8, so that lists of them find the same rows anywhere."""

from hashlib import md5, sha256

import pyarrow as pa
import pytest

from mlscore.checks.privacy.erasure import find_erased
from mlscore.tables.queries.quote import string

DIGESTS = {"md5": md5, "sha256": sha256}
TEXTS = ["", "0007", "ana@correo.es", "naïve 🙂", "back\\slash \\x41", "it's", "a\nb"]


def test_digests_of_texts_are_those_of_python(load):
    table = load(pa.table({"text": [*TEXTS, None]}))
    text = table.engine.scope.sql("text")
    sql = f"SELECT {text}, MD5({text}), SHA256({text}) FROM {table.engine.scope.relation}"
    assert {row[0]: tuple(row[1:]) for row in table.engine.run(sql, "digesting")} == {
        None: (None, None),
        **{one: tuple(digest(one.encode()).hexdigest() for digest in DIGESTS.values()) for one in TEXTS},
    }
    literal = f"SELECT SHA256({string('ñ')}) FROM {table.engine.scope.relation} LIMIT 1"
    assert table.engine.run(literal, "digesting") == [(sha256("ñ".encode()).hexdigest(),)]


@pytest.mark.parametrize("hashed", DIGESTS)
def test_a_list_of_digests_finds_the_same_rows_in_every_engine(load, hashed):
    def made(*texts):
        return [DIGESTS[hashed](text.encode()).hexdigest() for text in texts]

    listed = pa.table({"digest": [*made("0007", "naïve 🙂"), made("8")[0].upper(), *made("nobody")]})
    digested = made("8")[0]
    stored = pa.table({"id": ["0007", "7", " naïve 🙂 ", "008", digested, "9", "naive", None], "n": range(8)})
    (one,) = find_erased(listed, {"log": load(stored)}, id="id", list_id="digest", hashed=hashed).sources
    assert (one.total, one.missing, one.rows, one.ids) == (8, 1, 4, 4)
