"""Following tox: environments, factors, substitutions, and what lets a command fail."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.followers.tox_config import IniTox, expand_names

BASE = "[tox]\nenvlist = py311, lint\n[testenv]\ncommands = pytest {posargs}\n[testenv:lint]\ncommands = ruff\n"
CASES = [
    ("tox", BASE, None),
    ("tox -e py311", BASE, None),
    ("tox -epy311", BASE, None),
    ("tox run -e py311 -- -x", BASE, None),
    ("tox p -p auto", BASE, None),
    ("tox -e lint", BASE, ""),
    ("tox -e nonsense", BASE, ""),
    ("tox -l", BASE, ""),
    ("tox --notest -e py311", BASE, ""),
    ("tox config", BASE, ""),
    ("tox -e $UNSET", BASE, "which tox environment"),
    ("TOXENV=py311 tox", BASE, None),
    ("TOXENV=lint tox", BASE, ""),
    ("python -m tox -e py", BASE, None),
    ("tox", BASE.replace("py311, lint", "lint"), ""),
    ("tox", BASE.replace("= pytest", "= - pytest"), "`-` before it"),
    ("tox", BASE.replace("= pytest", "= -pytest"), "`-` before it"),
    ("tox", BASE.replace("commands = pytest", "ignore_outcome = true\ncommands = pytest"), "ignore_outcome"),
    ("tox", BASE.replace("commands = pytest", "ignore_outcome = false\ncommands = pytest"), None),
    ("tox", BASE.replace("commands = pytest", "ignore_errors = true\ncommands = pytest"), None),
    ("tox", "[testenv]\ncommands =\n  py: pytest\n", None),
    ("tox", "[testenv]\ncommands =\n  lint: pytest\n", ""),
    ("tox -e py311-cov", "[tox]\nenvlist = py{310,311}-{cov,plain}\n[testenv]\ncommands =\n  cov: coverage run -m pytest\n  plain: echo\n", None),
    ("tox -e py311-plain", "[tox]\nenvlist = py{310,311}-{cov,plain}\n[testenv]\ncommands =\n  cov: coverage run -m pytest\n  plain: echo\n", ""),
    ("tox", "[testenv]\ncommands =\n  !py: pytest\n", ""),
    ("tox", "[base]\ncommands = pytest\n[testenv]\ncommands =\n  {[base]commands}\n", None),
    ("tox", "[testenv]\ncommands =\n  pytest \\\n    -q \\\n    tests\n", None),
    ("tox", "[testenv]\ncommands_pre = pytest\n", None),
    ("tox -m check", "[tox]\nlabels =\n  check = py311\n" + BASE.partition("\n")[2], None),
    ("tox -m other", "[tox]\nlabels =\n  check = py311\n" + BASE.partition("\n")[2], ""),
    ("tox -f py311", BASE, None),
    ("tox exec -e lint -- pytest", BASE, None),
    ("tox -c other.ini", BASE.replace("pytest", "echo"), None),
    ("tox", "[testenv]\nallowlist_externals = make\ncommands = make test\n", None),
    ("tox", "[testenv]\ncommands = bash -c 'pytest || true'\n", "|| true"),
    ("tox", "[testenv]\ncommands = tox -e py\n", ""),
    ("tox", "nothing of tox\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "ini", "why"), CASES)
def test_tox(follow, command, ini, why):
    files = {"tox.ini": ini, "other.ini": BASE, "Makefile": "test:\n\tpytest\n", "tests/test_a.py": ""}
    leads = follow(command, files)
    if why == "":
        assert leads == []
    else:
        assert (
            [why in (lead.why_not or "") if why else lead.why_not is None for lead in leads]
            == [True] * len(leads)
            != []
        )


NATIVE = '[tool.tox]\nenv_list = ["3.12", "slow"]\n[tool.tox.env_run_base]\ncommands = [["pytest", { replace = "posargs", default = ["tests"], extend = true }]]\n[tool.tox.env.slow]\ncommands = [\n  ["echo"],\n  ["pytest", "-m", "slow"],\n]\n'


@pytest.mark.parametrize(
    ("path", "text", "places"),
    [
        ("tox.ini", "[testenv]\ncommands =\n    echo\n    pytest\n", ["tox.ini:4"]),
        ("setup.cfg", "[metadata]\nname = x\n[tox:tox]\nenvlist = py\n[testenv]\ncommands = pytest\n", ["setup.cfg:6"]),
        (
            "pyproject.toml",
            '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = py\n[testenv]\ncommands =\n  pytest\n"""\n',
            ["pyproject.toml:7"],
        ),
        ("pyproject.toml", NATIVE, ["pyproject.toml:4", "pyproject.toml:8"]),
        ("tox.toml", 'env_list = ["py"]\n[env_run_base]\ncommands = [["pytest"]]\n', ["tox.toml:3"]),
    ],
)
def test_places_in_every_form(follow, path, text, places):
    leads = follow("tox", {path: text, "tests/test_a.py": ""})
    assert [str(lead.chain[1]) for lead in leads] == places
    assert all(lead.why_not is None for lead in leads)


@pytest.mark.parametrize(
    ("command", "ini", "markexpr", "paths"),
    [
        ("tox -e py -- -m slow", "[testenv]\ncommands = pytest {posargs:tests}\n", "slow", ("",)),
        ("tox -e py", "[testenv]\ncommands = pytest {posargs:tests}\n", None, ("tests",)),
        ("tox -e py", "[testenv]\nchangedir = tests\ncommands = pytest\n", None, ("tests",)),
        ("tox -e py", "[testenv]\nchangedir = {toxinidir}/tests\ncommands = {envpython} -m pytest\n", None, ("tests",)),
        ("tox -e py", "[testenv]\nsetenv =\n  PYTEST_ADDOPTS = -m fast\ncommands = pytest\n", "fast", ("",)),
        ("tox -e py", "[testenv]\ncommands = pytest []\n", None, ("",)),
    ],
)
def test_what_tox_hands_on(follow, command, ini, markexpr, paths):
    (lead,) = follow(command, {"tox.ini": ini, "tests/test_a.py": ""})
    assert (lead.selection.markexpr, lead.selection.paths, lead.why_not) == (markexpr, paths, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [('["-", "pytest"]', "`-` before it"), ('["- pytest"]', "`-` before it"), ('["pytest"]', None)],
)
def test_native_commands_that_may_fail(follow, change, why):
    (lead,) = follow("tox", {"tox.toml": f"[env_run_base]\ncommands = [{change}]\n"})
    assert lead.why_not == why or why in lead.why_not


def test_names_are_expanded():
    assert expand_names("py{38,39}-{a,b}, lint\n docs") == ["py38-a", "py38-b", "py39-a", "py39-b", "lint", "docs"]
    assert len(expand_names("{a,b}" * 20)) <= 300


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="[testnv]:\n =-{}\\,!py3#;commandsxi", max_size=80))
def test_any_ini_is_read(text):
    config = IniTox("[testenv]\ncommands = pytest\n" + text, "tox.ini", 0)
    environment = config.environment("py", ("-x",))
    assert environment is not None
    assert all(command.location.line >= 1 for command in environment.commands)
