"""What the page on staleness shows is read as it stands there, and its keys are those of the file."""

import json
import re
from datetime import date
from pathlib import Path

from mlscore.checks import write_staleness
from mlscore.checks.configured import configured_checks
from mlscore.checks.staleness.shapes import StalenessReport
from mlscore.project.load import load_config

TEXT = (Path(__file__).parents[3] / "docs" / "models" / "staleness.md").read_text(encoding="utf-8")


def test_the_configuration_is_read_and_the_code_names_what_there_is(tmp_path):
    (shown,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert (check.check.id, check.item) == ("staleness-curve", "model-4")
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names = {}
    exec(code, names)
    assert callable(names["test_models_hold_for_a_month"])


def test_the_keys_are_those_of_the_file(tmp_path):
    write_staleness(StalenessReport("error", "refit"), tmp_path / "it.json")
    written = set(json.loads((tmp_path / "it.json").read_text(encoding="utf-8")))
    keys = {name for row in re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert keys <= written
    assert written - keys == {"by", "findings", "not_judged", "notes", "hollow"}
