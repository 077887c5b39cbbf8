"""Lock files of every kind: packages, versions, what is direct; truncated and foreign files are refused in one sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.upstream.locks import lock_kind, read_lock
from mlscore.checks.upstream.manifests import decoded, read_manifest
from mlscore.errors import InputError

COMPILED = """\
# This file was compiled
--index-url https://user:secret@example.org/simple
numpy==2.1.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
    # via
    #   -r requirements.in
    #   pandas
pandas[sql]==2.2.3 ; python_version >= "3.9" \\
    --hash=sha256:cccc
    # via -r requirements.in
six==1.16.0 \\
    --hash=sha256:dddd
    # via python-dateutil
"""
WRITTEN = """\
-r more.txt
Pandas == 2.2.3  # the frames
torch @ https://user:secret@example.org/torch-2.4.whl
scikit_learn>=1.5
-e .
./local.whl
"""
UV = """\
version = 1
[[package]]
name = "project"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "pandas" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "pandas"
version = "2.2.3"
source = { registry = "https://example.org/simple" }
dependencies = [{ name = "numpy" }]
[[package]]
name = "numpy"
version = "1.26.4"
[[package]]
name = "numpy"
version = "2.1.0"
[[package]]
name = "pytest"
version = "8.3.0"
[[package]]
name = "own-fork"
version = "1.0"
source = { git = "https://token:secret@example.org/own?rev=main#abc123" }
"""
POETRY = """\
[[package]]
name = "pandas"
version = "2.2.3"
description = ""
[[package]]
name = "fork"
version = "1.0"
[package.source]
type = "git"
url = "https://example.org/fork"
resolved_reference = "abc123"
[metadata]
lock-version = "2.0"
"""
PDM = '[metadata]\nlock_version = "4.5"\n[[package]]\nname = "pandas"\nversion = "2.2.3"\n'
PYLOCK = 'lock-version = "1.0"\n[[packages]]\nname = "pandas"\nversion = "2.2.3"\n'
PIPENV = json.dumps(
    {
        "_meta": {"hash": {}},
        "default": {"pandas": {"version": "==2.2.3"}, "fork": {"git": "https://example.org/f", "ref": "abc123"}},
        "develop": {"pytest": {"version": "==8.3.0"}},
    }
)
CONDA = """\
name: x
channels: [conda-forge]
dependencies:
  - python=3.11
  - conda-forge::pandas=2.2.3=py311_0
  - numpy=2.1
  - scipy>=1.10
  - pip
  - pip:
      - torch==2.4.0
      - -e .
"""
CONDA_LOCK = """\
version: 1
metadata: {}
package:
- {name: pandas, version: 2.2.3, manager: conda, platform: linux-64}
- {name: pandas, version: 2.2.3, manager: conda, platform: osx-64}
- {name: python, version: 3.11.9, manager: conda, platform: linux-64}
"""
EXPLICIT = """\
# platform: linux-64
@EXPLICIT
https://conda.example.org/conda-forge/linux-64/pandas-2.2.3-py311h7db5c69_1.conda#abc
https://conda.example.org/conda-forge/noarch/python-dateutil-2.9.0-pyhd8ed1ab_0.tar.bz2
"""


def versions(lock):
    return {name: pinned.versions for name, pinned in lock.packages.items()}


def test_files_that_include_each_other_are_read_once():
    files = {"a.txt": "-r b.txt\nsix==1.16\n", "b.txt": "-r a.txt\nattrs==25.1\n"}
    lock = read_lock("requirements.txt", "-r a.txt\n", included=files.get)
    assert sorted(lock.packages) == ["attrs", "six"]
    assert lock.not_judged == ("b.txt:1: the file a.txt",)


def test_a_compiled_requirements_file_tells_what_is_direct():
    lock = read_lock("requirements.txt", COMPILED)
    assert versions(lock) == {"numpy": ("2.1.0",), "pandas": ("2.2.3",), "six": ("1.16.0",)}
    assert (lock.direct, lock.not_judged) == ({"numpy", "pandas"}, ())


def test_a_written_requirements_file_names_what_is_not_pinned():
    lock = read_lock("requirements.txt", WRITTEN, included={"more.txt": "-r requirements.txt\nsix==1.16\n"}.get)
    assert versions(lock) == {"pandas": ("2.2.3",), "six": ("1.16",), "torch": (), "scikit-learn": ()}
    assert lock.direct is None
    assert lock.packages["torch"].url == "https://***@example.org/torch-2.4.whl"
    assert lock.not_judged == (
        "more.txt:1: the file requirements.txt",
        "requirements.txt:4: scikit_learn is not pinned",
        "requirements.txt:5: an editable package",
        "requirements.txt:6: not a requirement with a name",
    )


def test_windows_line_ends_change_nothing():
    for text in (COMPILED, WRITTEN):
        assert read_lock("r.txt", text.replace("\n", "\r\n")) == read_lock("r.txt", text)


@pytest.mark.parametrize(
    ("name", "text", "found", "direct"),
    [
        ("uv.lock", UV, {"pandas": ("2.2.3",), "numpy": ("1.26.4", "2.1.0"), "pytest": ("8.3.0",), "own-fork": ("1.0",)},
         {"pandas", "pytest"}),
        ("poetry.lock", POETRY, {"pandas": ("2.2.3",), "fork": ("1.0",)}, None),
        ("pdm.lock", PDM, {"pandas": ("2.2.3",)}, None),
        ("pylock.toml", PYLOCK, {"pandas": ("2.2.3",)}, None),
        ("Pipfile.lock", PIPENV, {"pandas": ("2.2.3",), "fork": (), "pytest": ("8.3.0",)}, None),
        ("environment.yml", CONDA, {"pandas": ("2.2.3",), "numpy": ("2.1",), "scipy": (), "torch": ("2.4.0",)},
         {"pandas", "numpy", "scipy", "torch"}),
        ("conda-lock.yml", CONDA_LOCK, {"pandas": ("2.2.3",)}, None),
        ("conda-linux-64.lock", EXPLICIT, {"pandas": ("2.2.3",), "python-dateutil": ("2.9.0",)}, None),
        ("spec.txt", EXPLICIT, {"pandas": ("2.2.3",), "python-dateutil": ("2.9.0",)}, None),
    ],
)  # fmt: skip
def test_every_kind_is_read(name, text, found, direct):
    lock = read_lock(name, text)
    assert (versions(lock), lock.direct) == (found, direct)


def test_what_is_not_pinned_or_no_package_is_named():
    assert read_lock("environment.yml", CONDA).not_judged == (
        "environment.yml: an entry under pip that is no requirement with a name",
        "environment.yml: scipy is not pinned",
    )
    assert read_lock("conda-linux-64.lock", EXPLICIT).not_judged == ()
    assert read_lock("conda-linux-64.lock", EXPLICIT + "x\n").not_judged == (
        "conda-linux-64.lock:5: not the address of a conda package",
    )


def test_commits_stand_where_there_is_no_number():
    assert read_lock("poetry.lock", POETRY).packages["fork"].url == "abc123"
    assert read_lock("Pipfile.lock", PIPENV).packages["fork"].url == "abc123"
    url = read_lock("uv.lock", UV).packages["own-fork"].url
    assert url is not None
    assert "abc123" in url
    assert "secret" not in url


BAD = [
    ("uv.lock", UV[: UV.index('"2.2.3"') + 3], "uv.lock: not valid TOML"),
    ("poetry.lock", "package = 3\n[metadata]\n", 'not a lock file of its kind: it has no list "package"'),
    ("poetry.lock", "x = 1", 'it has no list "package"'),
    ("pdm.lock", "[[package]]\nversion = '1'\n", "a package without a name"),
    ("pdm.lock", "[[package]]\nname = 'a'\nversion = 1\n", "a version that is no text"),
    ("Pipfile.lock", PIPENV[:40], "Pipfile.lock: not valid JSON"),
    ("Pipfile.lock", "[]", 'it has neither "default" nor "develop"'),
    ("Pipfile.lock", '{"default": {"a": 1}}', '"default" is no table of packages'),
    ("Pipfile.lock", "[" * 100_000, "not valid JSON"),
    ("environment.yml", "dependencies: [a", "environment.yml: not valid YAML on line"),
    ("environment.yml", "a: 1", 'it has no list "dependencies"'),
    ("environment.yml", "dependencies: !!python/object/apply:os.system [ls]", "not valid YAML"),
    ("conda-lock.yml", "package: {a: 1}", 'it has no list "package"'),
    ("conda-linux-64.lock", "hello\nworld", "no line is the address of a conda package"),
    ("Cargo.toml", "", "the name does not say which kind of lock file it is"),
]


@pytest.mark.parametrize(("name", "text", "error"), BAD)
def test_bad_files_are_refused_in_one_sentence(name, text, error):
    with pytest.raises(InputError) as raised:
        read_lock(name, text)
    assert error in str(raised.value)
    assert "\n" not in str(raised.value)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([UV, POETRY, PDM, PIPENV, CONDA, CONDA_LOCK, EXPLICIT, COMPILED, WRITTEN]), st.data())
def test_cut_off_anywhere_it_is_read_or_refused(text, data):
    cut = text[: data.draw(st.integers(0, len(text)))]
    for name in ("uv.lock", "poetry.lock", "Pipfile.lock", "environment.yml", "conda-lock.yml", "requirements.txt"):
        try:
            lock = read_lock(name, cut)
        except InputError:
            continue
        assert lock.kind in ("conda-explicit", lock_kind(name), "conda-lock")


MANIFEST = """
[project]
dependencies = ["pandas>=2", "Scikit_Learn[x] ; python_version > '3'", 3]
optional-dependencies = {plot = ["matplotlib"]}
[dependency-groups]
dev = ["pytest", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.11"
torch = "*"
[tool.poetry.group.lint.dependencies]
ruff = "*"
[tool.uv]
dev-dependencies = ["mypy"]
[tool.pdm.dev-dependencies]
more = ["tox"]
"""


def test_manifests():
    found = read_manifest("pyproject.toml", MANIFEST)
    assert found == {"pandas", "scikit-learn", "matplotlib", "pytest", "torch", "ruff", "mypy", "tox"}
    pipfile = "[[source]]\n[packages]\nPandas = '*'\n[dev-packages]\npytest = '*'\n[requires]\npython_version = '3'\n"
    assert read_manifest("Pipfile", pipfile) == {"pandas", "pytest"}
    assert read_manifest("requirements.in", "pandas>2\n# x\nsix") == {"pandas", "six"}
    assert read_manifest("environment.yml", CONDA) == {"pandas", "numpy", "scipy", "torch"}
    with pytest.raises(InputError, match=r"pyproject\.toml: not valid TOML"):
        read_manifest("pyproject.toml", "[project")


def test_encodings():
    assert decoded("r.txt", "pandas==1".encode("utf-16")) == "pandas==1"
    assert decoded("r.txt", b"\xef\xbb\xbfpandas==1") == "pandas==1"
    with pytest.raises(InputError, match=r"r\.txt: not UTF-8; save the file as UTF-8"):
        decoded("r.txt", b"caf\xe9")
