"""What the page on metamorphic properties shows is read as it stands there."""

import re
from datetime import date
from pathlib import Path

from mlscore.checks.configured import configured_checks
from mlscore.checks.metamorphic.read import read_relations
from mlscore.project.load import load_config

PAGE = (Path(__file__).parents[3] / "docs" / "models" / "metamorphic.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_configuration_is_read(tmp_path):
    (tmp_path / "pyproject.toml").write_text(blocks("toml")[0], encoding="utf-8")
    checks = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert [one.item for one in checks] == ["model-7", "monitor-3"]
    assert [len(read_relations(one.options["relations"])) for one in checks] == [2, 2]
    assert all(item in PAGE for item in checks[0].check.items)


def test_every_relation_of_the_table_is_read(tmp_path):
    shown = re.findall(r"^\| `(\{.*?\})` \|", PAGE, re.MULTILINE)
    assert len(shown) == 8
    lines = [f"relations.r{number} = {table}" for number, table in enumerate(shown)]
    text = '[[tool.mlscore.check]]\nuse = "metamorphic"\n' + "\n".join(lines)
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (check,) = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert len(read_relations(check.options["relations"])) == 8


def test_the_code_names_what_there_is():
    (code,) = blocks("python")
    names = {}
    exec(code.partition("\n\n")[0], names)
    assert {"Direction", "Invariance", "RowOrder", "Symmetry", "check_metamorphic"} <= set(names)
