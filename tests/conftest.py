"""What tests of every room share: pytest's own tester for plugins, and a kind of check from outside."""

import sys

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# How long an example takes says more of the machine than of the code; what is to be quick, the benchmarks measure.
settings.register_profile("mlscore", deadline=None, print_blob=True)
settings.load_profile("mlscore")


TOY = '''
"""Checks whose results their options decide."""

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.core.evidence import Value
from mlscore.errors import InputError


def run(context):
    say = context.text("say")
    if say == "error":
        raise InputError("the data is away", where="data.csv", hint="fetch it")
    if say == "crash":
        raise ZeroDivisionError("by zero")
    return CheckResult(
        passed=say != "failed",
        summary=f"said {say}",
        values=(Value("violations", 3 if say == "failed" else 0, "rows", 0),),
        findings=("age: 3 rows are negative",) if say == "failed" else (),
        unknown=("a custom rule",) if say == "unknown" else (),
        hollow="it accepts everything" if say == "hollow" else None,
        details={"options": {key: value for key, value in context.options.items()}, "today": str(context.today)},
    )


TOY = Check(
    id="toy",
    title="Says what it is told",
    items=("data-1", "data-5"),
    options=(
        Option(
            "say", Takes.CHOICE, "what to say", "passed", choices=tuple("passed failed hollow error crash unknown".split())
        ),
        Option("source", Takes.SOURCE, "the data"),
        Option("limit", Takes.NUMBER, "a limit", 0.5),
        Option("share", Takes.SHARE, "a share"),
        Option("rows", Takes.COUNT, "rows"),
        Option("columns", Takes.TEXTS, "columns"),
        Option("deep", Takes.FLAG, "look closely", False),
        Option("map", Takes.TABLE, "a table"),
    ),
    run=run,
)
'''


@pytest.fixture
def toy(tmp_path_factory, monkeypatch):
    """Installs the distribution `toychecks` for this process and those it starts."""
    from mlscore.checks.registry import known_checks

    folder = tmp_path_factory.mktemp("site")
    (folder / "toychecks.py").write_text(TOY, encoding="utf-8")
    info = folder / "toychecks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toychecks\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[mlscore.checks]\ntoy = toychecks:TOY\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    known_checks.cache_clear()
    yield folder
    known_checks.cache_clear()
    sys.modules.pop("toychecks", None)


@pytest.fixture(autouse=True)
def _zones_heeded(monkeypatch):
    """Arrow heeds time zones in the tests' own data: pandera switches that off beside Spark, for the whole process."""
    monkeypatch.delenv("PYARROW_IGNORE_TIMEZONE", raising=False)
