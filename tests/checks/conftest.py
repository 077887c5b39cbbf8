"""What tests of checks share: files of a project, and a way to run a check on it as it is configured."""

from datetime import date

import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.project.config import CheckSpec, DataSettings


@pytest.fixture
def write(tmp_path):
    """`write(name, text or bytes)`: a file of the project."""

    def make(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


@pytest.fixture
def run(tmp_path):
    """`run(check id, data=DataSettings, **options)`: the result of a configured check."""

    def make(use, *, data=None, today=date(2026, 11, 1), **options):
        check = find_check(use)
        return check.run(
            Context(tmp_path, data or DataSettings(), read_options(check, CheckSpec(use, options=options)), today)
        )

    return make
