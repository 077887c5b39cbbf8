"""Tests of the service."""

import time

import pytest
import respx
from httpx import AsyncClient

from ..support import assert_columns


def test_health(client):  # expect: ok
    assert client.get("/health").json() == {"status": "up"}


def test_health_unread(client):  # expect: hollow unread-result
    client.get("/health")


def test_prediction_unread(client):  # expect: hollow unread-result
    response = client.post("/predict", json={"weight": 2.0, "distance": 3.0})
    print(response.json())


def test_bad_request(client):  # expect: ok
    response = client.post("/predict", json={})
    assert response.status_code == 422


def test_latency(client):  # expect: ok
    start = time.perf_counter()
    client.get("/health")
    assert time.perf_counter() - start < 0.1


def test_elapsed_is_positive(client):  # expect: hollow tautology
    start = time.time()
    client.get("/health")
    elapsed = time.time() - start
    assert elapsed >= 0


@pytest.mark.anyio
async def test_async_client(app):  # expect: ok
    async with AsyncClient(app=app, base_url="http://test") as client:
        response = await client.get("/health")
    assert response.status_code == 200


def test_columns_of_log(client, served_log):  # expect: ok
    client.get("/health")
    assert_columns(served_log, ["at", "weight"])


@respx.mock
def test_calls_upstream(client):  # expect: ok
    route = respx.get("http://weather/now").respond(json={"rain": 0})
    client.get("/health")
    assert route.called
