"""Setting the plugin proper to work: configuration loaded, its parts registered, on the controller and on workers."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mlscore.errors import MlscoreError
from mlscore.pytest_plugin.items import Ruler
from mlscore.pytest_plugin.recorder import Recorder
from mlscore.pytest_plugin.trouble import Trouble

if TYPE_CHECKING:
    from mlscore.project.config import Config
    from mlscore.pytest_plugin.checks import Checks

OPTIONS = {
    "fail-under": ("mlscore_fail_under", "option --mlscore-fail-under"),
    "rubric": ("mlscore_rubric", "option --mlscore-rubric"),
    "profile": ("mlscore_profile", "option --mlscore-profile"),
    "strict": ("mlscore_strict", "option --mlscore-strict"),
}


def activate(config: pytest.Config) -> None:
    """Load the configuration and register the parts that find, record, gather and judge.

    Raises pytest.UsageError where the configuration or an option is wrong.
    """
    trouble = Trouble()
    register = config.pluginmanager.register
    if hasattr(config, "workerinput"):
        from mlscore.pytest_plugin.courier import Courier

        ruler = Ruler.from_text(config.workerinput["mlscore"])
        recorder = Recorder(config, ruler, trouble, _checks(_load(config), ruler.ci) if ruler.checks else None)
        register(recorder, "mlscore-recorder")
        register(recorder.finds, "mlscore-finds")
        register(Courier(config, recorder, trouble), "mlscore-courier")
        return
    try:
        _activate(config, trouble)
    except MlscoreError as error:
        from mlscore.report.text import clean

        raise pytest.UsageError(f"mlscore: {clean(str(error))}") from None
    except Exception as error:
        from mlscore.pytest_plugin.closing import Closing

        # The tests run all the same; the session's end tells of it.
        trouble.note(error)
        register(Closing(config, None, (), None, trouble), "mlscore-closing")


def _activate(config: pytest.Config, trouble: Trouble) -> None:
    from mlscore.project.ci import detect_ci
    from mlscore.pytest_plugin.closing import Closing, Stamp
    from mlscore.pytest_plugin.ledger import Ledger
    from mlscore.report.targets import parse_target

    settings = _load(config)
    targets = tuple(parse_target(text) for text in config.option.mlscore_report or settings.reports or ("terminal",))
    base = os.path.relpath(os.path.realpath(config.rootpath), os.path.realpath(settings.root)).replace(os.sep, "/")
    ruler = Ruler(
        conventions=settings.conventions,
        rubric_ids=tuple(item.id for item in settings.rubric.items),
        base="" if base == "." else f"{base}/",
        ci=detect_ci(os.environ),
        checks=bool(settings.checks),
    )
    recorder = Recorder(config, ruler, trouble, _checks(settings, ruler.ci) if settings.checks else None)
    ledger = Ledger(recorder, ruler, trouble)
    closing = Closing(config, settings, targets, ledger, trouble)
    register = config.pluginmanager.register
    register(recorder, "mlscore-recorder")
    register(recorder.finds, "mlscore-finds")
    register(ledger, "mlscore-ledger")
    register(closing, "mlscore-closing")
    if config.getoption("xmlpath", None):
        register(Stamp(config, closing), "mlscore-stamp")


def _load(config: pytest.Config) -> Config:
    from mlscore.project.load import load_config

    given = {
        key: (value, origin)
        for key, (option, origin) in OPTIONS.items()
        if (value := getattr(config.option, option)) not in (None, False)
    }
    return load_config(config.rootpath, options=given, environ=os.environ, today=datetime.now(UTC).date())


def _checks(settings: Config, ci: str | None) -> Checks:
    """The configured checks; imported where there are any: nobody else pays for them."""
    from mlscore.pytest_plugin.checks import Checks

    return Checks(settings, ci=ci)
