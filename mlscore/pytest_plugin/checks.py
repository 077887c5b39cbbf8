"""Configured checks as pytest items of their own: `mlscore::data-1::schema`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlscore.checks.configured import ROOT, Configured, configured_checks
from mlscore.checks.text import result_lines
from mlscore.collect.cases import Case
from mlscore.collect.checks import Ran, check_case, run_check
from mlscore.core.evidence import Outcome
from mlscore.project.config import Config
from mlscore.pytest_plugin.figures import RAN
from mlscore.report.text import clean, clean_line


class CheckSuite(pytest.Collector):
    """The place of the configured checks among the tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Nothing that pytest could find in a file."""
        return iter(())


class CheckItem(pytest.Item):
    """One configured check. What it finds fails its call; that it cannot be run is an error of its setup."""

    def __init__(self, *, one: Configured, settings: Config, case: Case, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self.one = one
        self.settings = settings
        self.mlscore_case = case
        self.extra_keyword_matches.update((one.item, one.check.id, ROOT))

    def setup(self) -> None:
        """Run the check; fail, as pytest does by hand, when it comes to no result."""
        now = datetime.now(UTC)
        ran = run_check(
            self.one,
            self.settings,
            today=now.date(),
            at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            ci=self.mlscore_case.ci,
        )
        self.stash[RAN] = ran
        if ran.result is None:
            pytest.fail(clean(ran.error), pytrace=False)

    def runtest(self) -> None:
        """Fail with what the check found, when that is anything."""
        ran: Ran = self.stash[RAN]
        if ran.result is not None and ran.case.outcome is Outcome.FAILED:
            pytest.fail("\n".join(map(clean_line, result_lines(ran.result))), pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the check is configured."""
        line = self.mlscore_case.line
        return self.settings.root / self.mlscore_case.path, None if line is None else line - 1, self.nodeid


class Checks:
    """The configured checks of a project, as items of the session and as cases that were left out."""

    def __init__(self, settings: Config, *, ci: str | None) -> None:
        self._settings = settings
        self._checks = configured_checks(settings)
        self._ci = ci

    def __bool__(self) -> bool:
        return bool(self._checks)

    def items(self, session: pytest.Session) -> list[pytest.Item]:
        """One item per check, in the order of the configuration."""
        suite = CheckSuite.from_parent(session, name=ROOT, nodeid=ROOT)
        return [
            CheckItem.from_parent(
                suite,
                name=f"{one.item}::{one.name}",
                nodeid=one.nodeid,
                one=one,
                settings=self._settings,
                case=check_case(one, self._settings, ci=self._ci),
            )
            for one in self._checks
        ]


def why_left_out(config: pytest.Config) -> str:
    """Why a run does without checks: its arguments name files or tests. Empty when it runs them."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return ""
    named = [argument for argument in config.args if "::" in argument or not _is_folder(config, argument)]
    return f"not among the arguments: {' '.join(named[:3])}" if named else ""


def _is_folder(config: pytest.Config, argument: str) -> bool:
    return os.path.isdir(config.invocation_params.dir / argument)


def case_of(item: pytest.Item) -> Case | None:
    """The case of an item that is a check."""
    return item.mlscore_case if isinstance(item, CheckItem) else None


def left_out(items: Sequence[pytest.Item], reason: str) -> list[Case]:
    """The cases of checks that this run leaves out, with the reason."""
    return [replace(case, detail=reason) for item in items if (case := case_of(item)) is not None]
