"""Tests that the suite's own conftest.py leaves out: each conftest beside one that keeps them."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest

from mlscore.probes.automation import proofs_for

pytestmark = pytest.mark.mlscore("honesty-2")

CI = ".github/workflows/ci.yml"
OPTION = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", default=False, help="run slow tests")
"""
MODIFY = (
    OPTION
    + """
def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long")

def pytest_collection_modifyitems(config, items):
    if config.getoption("--runslow"):
        return
    skip_slow = pytest.mark.skip(reason="need --runslow option to run")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip_slow)
"""
)


@pytest.fixture
def missing(find):
    """What is missing for a test of `tests/test_a.py` with these marks, given a conftest and a command; "" for nothing."""

    def ask(
        conftest, command="pytest", marks=("slow", "mlscore"), *, at="conftest.py", more=None, path="tests/test_a.py"
    ):
        text = f"on: push\njobs:\n  t:\n    steps:\n      - run: {command}\n"
        runs = find({CI: text, at: conftest, "tests/test_a.py": "", **(more or {})})
        proofs, sentences = proofs_for(runs, path=path, nodeid=f"{path}::t", markers=frozenset(marks), name="t")
        assert bool(proofs) != bool(sentences)
        return " ".join(sentences)

    return ask


def test_a_mark_that_needs_an_option(missing):
    assert missing(MODIFY, "pytest --runslow") == ""
    assert missing(MODIFY, marks=("mlscore",)) == ""
    assert missing(MODIFY) == (
        f"`{CI}:5` runs `pytest`, which leaves this test out: conftest.py:16 leaves it out for its mark `slow` "
        "without `--runslow`"
    )


def test_the_option_may_be_given_in_the_configuration(missing):
    assert missing(MODIFY, more={"pytest.ini": "[pytest]\naddopts = --runslow\n"}) == ""
    assert missing(MODIFY, "PYTEST_ADDOPTS=--runslow pytest") == ""
    assert "without `--runslow`" in missing(MODIFY, more={"pytest.ini": "[pytest]\naddopts = -q\n"})


def hook(body, option=OPTION, name="pytest_collection_modifyitems(config, items)"):
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return f"{option}\ndef {name}:\n{lines}"


SETUP = "pytest_runtest_setup(item)"
# A hook that leaves the test out, and one that does not.
HOOKS = [
    (
        hook("if not config.getoption('--runslow'):\n    for item in items:\n        if item.get_closest_marker('slow'):\n            item.add_marker(pytest.mark.skip)"),
        hook("if config.getoption('--runslow'):\n    for item in items:\n        if item.get_closest_marker('slow'):\n            item.add_marker(pytest.mark.skip)"),
    ),
    (
        hook("for item in items:\n    if 'slow' in item.keywords and not config.getoption('runslow'):\n        item.add_marker(pytest.mark.skip(reason='x'))"),
        hook("for item in items:\n    if 'other' in item.keywords and not config.getoption('runslow'):\n        item.add_marker(pytest.mark.skip(reason='x'))"),
    ),
    (
        hook("for item in items:\n    if item.get_closest_marker('slow') is not None and not config.option.runslow:\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    if item.get_closest_marker('slow') is None and not config.option.runslow:\n        item.add_marker(pytest.mark.skip())"),
    ),
    (
        hook("run = config.getoption('--runslow')\nif run:\n    return\nfor item in items:\n    if 'slow' not in item.keywords:\n        continue\n    item.add_marker(pytest.mark.skip())"),
        hook("run = config.getoption('--runslow')\nif not run:\n    return\nfor item in items:\n    if 'slow' not in item.keywords:\n        continue\n    item.add_marker(pytest.mark.skip())"),
    ),
    (
        hook("if 'slow' in item.keywords and not item.config.getoption('--runslow'):\n    pytest.skip('slow')", name=SETUP),
        hook("if 'slow' in item.keywords and item.config.getoption('--runslow'):\n    pytest.skip('slow')", name=SETUP),
    ),
    (
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.xfail())"),
    ),
    (
        hook("if config.getoption('--runslow') is False:\n    for item in items:\n        if 'slow' in item.keywords:\n            item.add_marker(pytest.mark.skip())"),
        hook("if config.getoption('--runslow') is True:\n    for item in items:\n        if 'slow' in item.keywords:\n            item.add_marker(pytest.mark.skip())"),
    ),
    (
        hook("if not config.getoption('--runslow'):\n    items[:] = [i for i in items if 'slow' not in i.keywords]"),
        hook("if not config.getoption('--runslow'):\n    items[:] = [i for i in items if 'slow' in i.keywords]"),
    ),
    (
        hook("for item in items:\n    if any(m.name == 'slow' for m in item.iter_markers()):\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    if any(m.name == 'other' for m in item.iter_markers()):\n        item.add_marker(pytest.mark.skip())"),
    ),
    (
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.skipif(not config.getoption('--runslow'), reason='x'))"),
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.skipif(config.getoption('--runslow'), reason='x'))"),
    ),
    (
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    item.add_marker(pytest.mark.skipif(decides(), reason='x'))\nitems[:] = [i for i in items if decides(i)]"),
    ),
    # Only a run knows these.
    (
        hook("for item in items:\n    if 'slow' in item.keywords:\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    if 'slow' in item.keywords and decides():\n        item.add_marker(pytest.mark.skip())"),
    ),
    (
        hook("for item in items:\n    if 'slow' in item.keywords and not config.getoption('--runslow'):\n        item.add_marker(pytest.mark.skip())"),
        hook("for item in items:\n    if 'slow' in item.keywords and not config.getoption('--of-a-plugin'):\n        item.add_marker(pytest.mark.skip())"),
    ),
    (MODIFY, MODIFY.replace("default=False", "default=True")),
    (MODIFY, MODIFY.replace("def pytest_collection_modifyitems", "def helper")),
    (MODIFY, MODIFY + "def broken(:\n"),
]  # fmt: skip


@pytest.mark.parametrize(("out", "kept"), HOOKS)
def test_hooks(missing, out, kept):
    assert "conftest.py:" in missing(out)
    assert missing(kept) == ""


def test_an_option_that_leaves_out(missing):
    text = OPTION.replace("runslow", "skipslow") + MODIFY[len(OPTION) :].replace("runslow", "skipslow").replace(
        'if config.getoption("--skipslow")', 'if not config.getoption("--skipslow")'
    )
    assert missing(text) == ""
    assert "for its mark `slow` with `--skipslow`" in missing(text, "pytest --skipslow")


IGNORES = [
    ('collect_ignore = ["test_a.py"]', 'collect_ignore = ["test_b.py"]'),
    ('collect_ignore = ["setup.py", "./test_a.py"]', 'collect_ignore = ["test_a"]'),
    ('collect_ignore = []\ncollect_ignore += ["test_a.py"]', 'collect_ignore = []\nother += ["test_a.py"]'),
    ('collect_ignore = []\ncollect_ignore.append("test_a.py")', 'collect_ignore = []\nother.append("test_a.py")'),
    ('collect_ignore: list[str] = ["test_a.py"]', "collect_ignore: list[str]"),
    ('collect_ignore_glob = ["*_a.py"]', 'collect_ignore_glob = ["*_b.py"]'),
    ('collect_ignore = ["test_a.py"]', 'import sys\nif sys.version_info < (3, 8):\n    collect_ignore = ["test_a.py"]'),
]


@pytest.mark.parametrize(("out", "kept"), IGNORES)
def test_ignored_files(missing, out, kept):
    assert "(`collect_ignore" in missing(out, at="tests/conftest.py")
    assert missing(kept, at="tests/conftest.py") == ""
    # The paths are relative to the conftest's own folder.
    assert missing(out.replace("*_a", "test_a"), at="conftest.py") == ""


def test_an_ignored_folder(missing):
    assert "conftest.py:1 leaves out `tests` (`collect_ignore`)" in missing('collect_ignore = ["tests"]')
    assert "(`collect_ignore_glob`)" in missing('collect_ignore_glob = ["tes*"]')


def test_a_file_that_is_named_is_collected_all_the_same(missing):
    text = 'collect_ignore = ["test_a.py"]'
    assert missing(text, "pytest tests/test_a.py", at="tests/conftest.py") == ""
    assert "collect_ignore" in missing(text, "pytest tests", at="tests/conftest.py")


def test_only_conftests_above_the_test_count(missing):
    assert missing(MODIFY, at="other/conftest.py") == ""
    assert missing(MODIFY, at="tests/conftest.py") != ""
    rules = {"tests/conftest.py": MODIFY[len(OPTION) :].replace("\ndef", "import pytest\ndef", 1)}
    assert "tests/conftest.py:" in missing(OPTION, more=rules)
