"""What the tests of tables share: files of every form from one Arrow table, and tables that are closed afterwards."""

import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from mlscore.tables.table import open_table


@pytest.fixture
def opened():
    """`opened(source, **options)`: as open_table, closed when the test ends."""
    tables = []

    def make(source, **given):
        tables.append(open_table(source, **given))
        return tables[-1]

    yield make
    for table in tables:
        table.close()


@pytest.fixture
def written(tmp_path):
    """`written(arrow table, form)`: a file of that form."""

    def make(table, form="parquet", name="data"):
        path = tmp_path / f"{name}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if form == "parquet":
            pa.parquet.write_table(table, path)
        elif form == "csv":
            pa.csv.write_csv(table, path)
        else:
            lines = (json.dumps(row, default=str, ensure_ascii=False) for row in table.to_pylist())
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return make
