"""The door that pytest opens in every run of everyone who installed mlscore: options, marker, fixture, nothing heavy.

Only pytest and what pytest itself has loaded is imported here; the plugin proper comes in when a run asks for a score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mlscore.pytest_plugin.figures import Figures

MARKER_LINE = (
    'mlscore(*items): the test is evidence for these items of the ML Test Score, as in mlscore("data-1"); '
    "`mlscore rubric list` names them"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; any of them asks for a score."""
    group = parser.getgroup("mlscore", "ML Test Score")
    group.addoption(
        "--mlscore", action="store_true", dest="mlscore", help="Score the run's marked tests and judge the gate."
    )
    group.addoption(
        "--mlscore-fail-under",
        dest="mlscore_fail_under",
        metavar="N",
        help="Least total; the run fails below it.",
    )
    group.addoption(
        "--mlscore-report",
        action="append",
        default=[],
        dest="mlscore_report",
        metavar="TYPE[:DEST]",
        help="How and where to report, for example json:report.json; repeatable. Types: terminal (default), json, "
        "markdown, github, badge, readme.",
    )
    group.addoption("--mlscore-rubric", dest="mlscore_rubric", metavar="NAME|FILE", help="The rubric to score by.")
    group.addoption(
        "--mlscore-profile",
        dest="mlscore_profile",
        metavar="NAME",
        help="Rules of the gate for a stage: poc, staging or production.",
    )
    group.addoption(
        "--mlscore-strict",
        action="store_true",
        dest="mlscore_strict",
        help="Every warning fails the gate, and so does a partial run.",
    )
    parser.addini("mlscore", "Score every run's marked tests and judge the gate, as --mlscore does.", "bool", False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known to every run, and bring in the plugin proper where a score is wanted."""
    config.addinivalue_line("markers", MARKER_LINE)
    if _wanted(config):
        from mlscore.pytest_plugin.activate import activate

        activate(config)


def _wanted(config: pytest.Config) -> bool:
    option = config.option
    if hasattr(config, "workerinput"):
        # A worker of pytest-xdist does as its controller says.
        return "mlscore" in config.workerinput
    if option.help or option.version:
        return False
    return bool(
        option.mlscore
        or option.mlscore_strict
        or option.mlscore_report
        or option.mlscore_fail_under is not None
        or option.mlscore_rubric is not None
        or option.mlscore_profile is not None
        or config.getini("mlscore")
    )


@pytest.fixture
def mlscore_evidence(request: pytest.FixtureRequest) -> Figures:
    """Attach a figure to the test's evidence: `mlscore_evidence("auc", 0.83, threshold=0.8)`.

    The figure stands in the report beside each item that the test is marked for. Without `--mlscore` nothing happens.
    """
    from mlscore.pytest_plugin.figures import FIGURES, Figures

    figures = Figures()
    request.node.stash[FIGURES] = figures
    return figures
