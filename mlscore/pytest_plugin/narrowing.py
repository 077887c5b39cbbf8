"""pytest's own options that keep tests from running, and how a report names them."""

from __future__ import annotations

import pytest

NOTHING_RUNS = {
    "collectonly": "--collect-only",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
}


def runs_nothing(config: pytest.Config) -> str | None:
    """The option because of which no test's body runs, or None."""
    return next((flag for option, flag in NOTHING_RUNS.items() if config.getoption(option, False)), None)


def why_deselected(config: pytest.Config, nodeid: str) -> str:
    """Which option left a collected test out; a plugin or conftest when no option of pytest's did."""
    for prefix in config.getoption("deselect", None) or ():
        if nodeid.startswith(prefix):
            return f"deselected by --deselect {prefix}"
    reasons = []
    if config.getoption("keyword", ""):
        reasons.append(f"-k '{config.option.keyword}'")
    if config.getoption("markexpr", ""):
        reasons.append(f"-m '{config.option.markexpr}'")
    if config.getoption("lf", False):
        reasons.append("--last-failed")
    if config.getoption("stepwise", False) or config.getoption("stepwise_skip", False):
        reasons.append("--stepwise")
    return f"deselected by {' or '.join(reasons)}" if reasons else "deselected by a plugin or a conftest"


def takes_single_tests(config: pytest.Config) -> bool:
    """Whether the run may take some tests of a file it opens and pass over others, before it selects by -k and the like."""
    return bool(config.getoption("lf", False)) or any("::" in argument for argument in config.args)


def why_not_taken(config: pytest.Config, *, partly: bool) -> str:
    """Why a run passes over a test of a file it opened; `partly` when it takes other parameters of the same test."""
    if any("::" in argument for argument in config.args):
        return f"some of its parameters are {not_named(config)}" if partly else not_named(config)
    return "left out by --last-failed"


def not_named(config: pytest.Config) -> str:
    """That the arguments do not lead to a test; the first few of them are shown."""
    given = config.args
    more = f" and {len(given) - 3} more" if len(given) > 3 else ""
    return f"not among the arguments: {' '.join(given[:3])}{more}"
