"""What users write is recognised, and what they should not have written in it is never shown again."""

import pytest

from mlscore.errors import InputError
from mlscore.project.redact import redact
from mlscore.tables.sources import Form, read_source


@pytest.mark.parametrize(
    ("text", "form", "engine"),
    [
        ("data/*.parquet", Form.PARQUET, "duckdb"),
        ("DATA.PQ.d/*.pq", Form.PARQUET, "duckdb"),
        ("a.csv", Form.CSV, "duckdb"),
        ("a.csv.gz", Form.CSV, "duckdb"),
        ("a.tsv", Form.CSV, "duckdb"),
        ("logs/**/*.jsonl.zst", Form.JSON, "duckdb"),
        ("s3://bucket/folder/", Form.PARQUET, "duckdb"),
        ("s3://bucket/folder/*.csv", Form.CSV, "duckdb"),
        ("delta:///lake/table", Form.DELTA, "duckdb"),
        ("postgresql://host/db?table=public.flights", Form.POSTGRES, "postgres"),
        ("postgres://host/db?table=flights", Form.POSTGRES, "postgres"),
        ("postgresql+psycopg://host/db?table=flights", Form.POSTGRES, "postgres"),
        ("sc://host:15002/?table=a.b", Form.SPARK, "spark"),
    ],
)
def test_forms_are_told_by_the_text(text, form, engine):
    source = read_source(text)
    assert (source.form, source.engine) == (form, engine)


def test_the_table_of_a_server_is_read_from_the_url():
    assert read_source("postgresql://u:p@h/db?table=s.t&sslmode=require").table == "s.t"
    with pytest.raises(InputError, match="does not name the table"):
        read_source("postgresql://h/db")


def test_folders_are_what_they_hold(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").touch()
    (tmp_path / "a" / "_SUCCESS").touch()
    assert read_source(tmp_path / "a").form is Form.CSV
    (tmp_path / "a" / "y.parquet").touch()
    with pytest.raises(InputError, match="several forms: csv, parquet"):
        read_source(tmp_path / "a")
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="no data files"):
        read_source(tmp_path / "b")


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("", "no source of data"),
        ("nowhere", "no such file"),
        ("n" * 5_000, "cannot be read"),
        (3, "a int is no table"),
        ("x/*.xlsx", "does not say"),
        ("postgresql://[bad/db?table=t", "not a URL"),
        (lambda: None, "returned a NoneType"),
        (lambda: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_what_is_no_source(given_, message):
    with pytest.raises(InputError, match=message):
        read_source(given_)


def test_a_file_without_a_known_ending(tmp_path):
    path = tmp_path / "data.bin"
    path.touch()
    with pytest.raises(InputError, match="does not say what it is"):
        read_source(path)


def test_a_function_may_return_a_path(tmp_path):
    (tmp_path / "a.csv").touch()
    assert read_source(lambda: tmp_path / "a.csv").form is Form.CSV


def test_user_information_of_object_stores_becomes_storage_options():
    source = read_source("s3://AKIA123:s3cr%2Ft@bucket/data.parquet")
    assert source.location == "s3://bucket/data.parquet"
    assert source.storage == {"key": "AKIA123", "secret": "s3cr/t"}
    assert "s3cr" not in str(source) + repr(source)


SECRET = "hunter2-very-secret"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://user:{SECRET}@host:5432/db?table=t",
        f"postgresql://host/db?user=u&password={SECRET}&table=t",
        f"s3://key:{SECRET}@bucket/a.parquet",
        f"https://host/a.csv?sig={SECRET}&se=2030",
        f"https://host/a.csv?X-Amz-Signature={SECRET}",
        f"https://{SECRET}@host/a.csv",
        f"az://box/a.csv?account_key={SECRET}",
    ],
)
def test_credentials_are_never_shown(text):
    assert SECRET not in redact(f"could not open {text} (twice: {text})")
    source = read_source(text)
    assert SECRET not in str(source) + repr(source)


@pytest.mark.parametrize(
    "text",
    [f"postgresql://u:{SECRET}@h/db", f"s3://u:{SECRET}@h:port/a.csv", f"postgresql://u:{SECRET}/x@y@h/db?table=t"],
)
def test_credentials_are_not_shown_in_errors_either(text):
    with pytest.raises(InputError) as caught:
        read_source(text)
    assert SECRET not in str(caught.value)


def test_secrets_without_a_name_are_hidden_where_they_are_known():
    source = read_source(f"postgresql://user:{SECRET}@host/db?table=t")
    assert redact(f"FATAL: {SECRET} refused", source.secrets) == "FATAL: *** refused"
