"""What the page on offline against online metrics shows is read as it stands there."""

import re
from datetime import date
from pathlib import Path

from mlscore.checks.configured import configured_checks
from mlscore.project.load import load_config

PAGE = Path(__file__).parents[3] / "docs" / "models" / "online.md"


def test_the_configuration_is_read_and_the_code_names_what_there_is(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert (check.check.id, check.item) == ("online-agreement", "model-2")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    exec(code, names)
    assert callable(names["test_offline_tells_online"])
