"""Configurations made of defaults, for the tests of collecting."""

from datetime import date

import pytest

from mlscore.project.load import load_config


@pytest.fixture
def project(tmp_path):
    """A folder with a `pyproject.toml`, and its configuration: `project(conventions)`."""

    def load(text=""):
        (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'demo'\n{text}", encoding="utf-8")
        return load_config(tmp_path, environ={}, today=date(2026, 6, 1))

    return load
