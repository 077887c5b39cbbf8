"""Object stores through fsspec, against a server of S3 that the test starts."""

import traceback

import boto3
import deltalake
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from moto.server import ThreadedMotoServer

from mlscore.errors import InputError

SECRET = "not/a+real=secret-key"
ROWS = pa.table({"x": [1, 2, 3], "t": ["a", "b", None]})


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def bucket(endpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    pa.parquet.write_table(ROWS, folder / "a.parquet")
    pa.csv.write_csv(ROWS, folder / "a.csv")
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="key",
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="lake")
    for place in ("one.parquet", "many/month=1/a.parquet", "many/month=2/a.parquet"):
        client.upload_file(str(folder / "a.parquet"), "lake", place)
    client.upload_file(str(folder / "a.csv"), "lake", "text/a.csv")
    client.put_object(Bucket="lake", Key="broken.parquet", Body=b"nothing of the kind")
    return client


@pytest.fixture
def storage(endpoint, bucket, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return {"key": "key", "secret": SECRET, "endpoint_url": endpoint}


def test_a_file(opened, storage):
    table = opened("s3://lake/one.parquet", storage=storage)
    assert table.profile().column("x").maximum == 3
    assert table.sample(2).num_rows == 2


@pytest.mark.parametrize("place", ["s3://lake/many/*/*.parquet", "s3://lake/many/", "s3://lake/many"])
def test_globs_and_folders_with_partitions(opened, storage, place):
    profile = opened(place, storage=storage).profile()
    assert profile.rows == 6
    assert profile.column("month").distinct == 2


def test_text(opened, storage):
    assert opened("s3://lake/text/a.csv", storage=storage).profile().column("t").null == 1


def test_credentials_in_the_url(opened, endpoint, storage, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    table = opened("s3://key:not%2Fa+real=secret-key@lake/one.parquet")
    assert table.count() == 3
    assert str(table.source) == "s3://***@lake/one.parquet"


def test_two_tables_of_a_store_join(opened, storage, written):
    left = opened(written(ROWS))
    right = opened("s3://lake/one.parquet", storage=storage)
    assert left.join(right, "x").matched == 3


def test_a_delta_table(opened, storage, endpoint):
    options = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_S3_ALLOW_UNSAFE_RENAME": "true",
        "AWS_REGION": "us-east-1",
    }
    deltalake.write_deltalake("s3://lake/delta", ROWS, storage_options=options, mode="overwrite")
    assert opened("delta+s3://lake/delta", storage=storage).count() == 3


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("s3://lake/nothing.parquet", "no file is there|gone"),
        ("s3://nobucket/a.parquet", "no file is there|gone"),
        ("s3://lake/empty/*.parquet", "no file is there"),
        ("s3://lake/broken.parquet", "not a whole Parquet file"),
    ],
)
def test_what_is_not_there_or_broken(opened, storage, place, message):
    with pytest.raises(InputError, match=message) as caught:
        opened(place, storage=storage).profile()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_down(opened, storage, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    storage["endpoint_url"] = "http://127.0.0.1:9"
    with pytest.raises(InputError) as caught:
        opened("s3://lake/one.parquet", storage=storage).profile()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_object_that_vanishes(opened, storage, bucket):
    bucket.copy_object(Bucket="lake", Key="going.parquet", CopySource="lake/one.parquet")
    table = opened("s3://lake/going.parquet", storage=storage)
    bucket.delete_object(Bucket="lake", Key="going.parquet")
    with pytest.raises(InputError, match=r"no file is there|gone"):
        table.profile()


def test_a_scheme_nobody_knows(opened):
    with pytest.raises(InputError, match="nowhere:// is not known"):
        opened("nowhere://lake/a.parquet")
