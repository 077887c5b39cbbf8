"""Fixtures of the serving tests."""

import pytest
from fastapi.testclient import TestClient

from parcel.serve import app


@pytest.fixture
def client():
    with TestClient(app) as client:
        yield client


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr("socket.socket", None)
