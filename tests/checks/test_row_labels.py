"""An index without a name that pandas wrote into a file is no data: nothing is proposed, demanded or compared by it."""

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.drift.detect import detect_drift
from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.infer import infer_schema
from mlscore.checks.schema.read import read_schema
from mlscore.checks.schema.toml_form import write_toml
from mlscore.checks.skew.exact import check_skew
from mlscore.project.config import DataSettings
from mlscore.tables.shapes import is_row_label
from mlscore.tables.table import open_table

LABEL = "__index_level_0__"


def frame(first=0, rows=400, seed=0):
    """Rows whose labels are numbers from `first` on, as a filter leaves them."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"id": [f"k{n}" for n in range(rows)], "x": rng.normal(size=rows)}, index=np.arange(rows) * 2 + first
    )


@pytest.fixture
def labelled(tmp_path):
    """`labelled(name, **of)`: a Parquet file as pandas writes it, labels and all."""

    def make(name, **of):
        path = tmp_path / f"{name}.parquet"
        frame(**of).to_parquet(path)
        return str(path)

    return make


def test_only_names_that_pandas_gives_are_labels():
    assert [
        name
        for name in (LABEL, "__index_level_12__", "__index_level___", "index", "__index_level_x__", "id")
        if is_row_label(name)
    ] == [LABEL, "__index_level_12__"]


def test_a_table_shows_the_column_that_is_there(labelled):
    with open_table(labelled("a")) as table:
        assert [column.name for column in table.columns if column.labels_rows] == [LABEL]
        assert LABEL in [column.name for column in table.profile().columns]
    with open_table(frame()) as table:
        assert [column.name for column in table.columns] == ["id", "x"]


def test_a_proposed_schema_leaves_it_out_and_holds_with_and_without_it(labelled, tmp_path):
    schema = infer_schema(labelled("a"))
    assert [column.name for column in schema.columns] == ["id", "x"]
    assert [(u.column, u.rule) for u in schema.unmapped] == [(LABEL, "row labels")]
    text = write_toml(schema)
    assert f"# not judged: {LABEL}: row labels: pandas numbers rows by it" in text
    path = tmp_path / "schema.toml"
    path.write_text(text, encoding="utf-8")
    assert read_schema(path).strict
    report = check_schema(path, labelled("b", first=9_000))
    assert report.passed, report.broken
    assert report.result("strict").note == f"{LABEL}: labels of pandas' rows, which are no column of data"
    assert check_schema(path, frame()).passed
    other = frame().assign(more=1)
    assert [rule.id for rule in check_schema(path, other).broken] == ["more: strict"]


def test_a_schema_that_names_it_is_held_to_it(labelled, write):
    columns = "".join(f'[[column]]\nname = "{name}"\n' for name in ("id", "x", LABEL))
    path = write("schema.toml", f"mlscore-schema = 1\n[table]\nstrict = true\n{columns}at-most = 100\n")
    assert [rule.id for rule in check_schema(path, labelled("a")).broken] == [f"{LABEL}: less_than_or_equal_to(100)"]
    assert [rule.id for rule in check_schema(path, frame()).broken] == [f"{LABEL}: required"]


def test_drift_tells_that_it_leaves_it_out(labelled):
    reference, current = labelled("a", rows=3_000), labelled("b", first=1_000_000, rows=3_000, seed=1)
    report = detect_drift(reference, current, columns=None)
    assert [column.name for column in report.columns] == ["id", "x"]
    assert f"{LABEL} is left out: pandas labels rows by it, and it is no data" in report.notes
    assert LABEL not in report.gained
    asked = detect_drift(reference, current, columns=[LABEL])
    assert [(column.name, column.drifted) for column in asked.columns] == [(LABEL, True)]
    assert not any("left out" in note for note in asked.notes)


def test_rows_that_stand_twice_are_found_though_their_labels_differ(labelled):
    from mlscore.checks.drift.summarise import summarise

    twice = pd.concat([frame(), frame(first=1)])
    path = labelled("twice")
    twice.to_parquet(path)
    with open_table(path) as table:
        assert summarise(table).repeated == 800


def test_files_that_come_with_and_without_it(labelled, tmp_path):
    plain = tmp_path / "plain.parquet"
    frame(rows=3_000, seed=1).reset_index(drop=True).to_parquet(plain)
    for before, now in ((labelled("a", rows=3_000), plain), (plain, labelled("a", rows=3_000))):
        report = detect_drift(before, now)
        assert (report.lost, report.gained) == ((), ())
        assert [column.name for column in report.columns] == ["id", "x"]


def test_configured_drift_and_skew_leave_it_out(labelled, run):
    data = DataSettings(
        sources={"reference": labelled("a", rows=3_000), "serving": labelled("b", first=9_000, rows=3_000)}, id=("id",)
    )
    assert LABEL not in {column["name"] for column in run("drift", data=data).details["columns"]}
    given = {"served": labelled("c"), "recomputed": labelled("d", first=1)}
    report = check_skew(given["served"], given["recomputed"], id="id")
    assert [column.name for column in report.columns] == ["x"]
    assert (report.not_served, report.not_recomputed) == ((), ())
    by_name = check_skew(given["served"], given["recomputed"], id="id", columns=[LABEL])
    assert [column.name for column in by_name.columns] == [LABEL]
