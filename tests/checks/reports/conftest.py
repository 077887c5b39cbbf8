"""What tests of reports share: samples of real tools, texts as reports, and a way to run the configured check."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.checks.reports.read import read_report
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def samples():
    """The folder of samples."""
    return SAMPLES


@pytest.fixture
def read(tmp_path):
    """`read(JSON, text or bytes, format)`: the report that such a file is."""

    def make(content, format=None, name="report.json"):  # noqa: A002
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return read_report(path, format)

    return make


@pytest.fixture
def judge(tmp_path):
    """`judge(file, item, **options)`: the result of the configured check; a sample's path is taken as it is."""

    def make(file, item=None, *, today=date(2026, 11, 25), model=None, **options):
        options = {"file": str(file), **{key.replace("_", "-"): value for key, value in options.items()}}
        check = find_check("report")
        read = read_options(check, CheckSpec("report", options=options))
        return check.run(
            Context(tmp_path, DataSettings(), read, today, model=model or ModelSettings(), item=item),
        )

    return make
