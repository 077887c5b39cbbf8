"""What tests of extras share: a home of their own, and an extra that is one small wheel on this disk."""

import base64
import hashlib
import sys
import zipfile

import pytest

from mlscore.extras import known, shapes
from mlscore.extras.shapes import Extra

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


def make_wheel(folder):
    """A wheel of one module, and its digest."""
    path = folder / "toytool-1.0-py3-none-any.whl"
    meta = "toytool-1.0.dist-info"
    files = {
        "toytool.py": "import os\nSEEN = os.environ.get('TOY_QUIET')\n",
        f"{meta}/METADATA": "Metadata-Version: 2.1\nName: toytool\nVersion: 1.0\n",
        f"{meta}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{meta}/RECORD,,"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            record.append(f"{name},sha256={digest},{len(text)}")
        archive.writestr(f"{meta}/RECORD", "\n".join(record) + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home of mlscore's own data."""
    folder = tmp_path / "home ñ"
    monkeypatch.setenv("MLSCORE_HOME", str(folder))
    return folder


@pytest.fixture
def toy(tmp_path, monkeypatch, home):
    """The extra `toy` for the Python that runs the tests; pip finds its wheel and no index."""
    wheels, pins = tmp_path / "wheels", tmp_path / "pins"
    wheels.mkdir()
    pins.mkdir()
    digest = make_wheel(wheels)
    (pins / f"toy-{MINOR}.txt").write_text(f"toytool==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
    monkeypatch.setattr(shapes, "_PINS", pins)
    for name, value in {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": str(wheels)}.items():
        monkeypatch.setenv(name, value)
    probe = "import toytool; assert toytool.SEEN == '1'"
    extra = Extra("toy", "A toy", (MINOR,), {"TOY_QUIET": "1", "TOY_HOME": "{folder}"}, probe, 1)
    monkeypatch.setitem(known.EXTRAS, "toy", extra)
    return extra
