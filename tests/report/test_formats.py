"""The table of formats: every one loads, and none is loaded before it is used."""

import subprocess
import sys

import pytest

from mlscore.report import FORMATS, Page


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_every_report(name, report):
    text = FORMATS[name].load()(report, Page())
    assert text.endswith("\n")
    assert "\x00" not in text


def test_formats_say_what_they_are_and_what_becomes_of_a_file():
    assert set(FORMATS) == {"terminal", "json", "markdown", "github", "badge", "readme"}
    assert all(form.summary and form.mode in ("replace", "append", "update") for form in FORMATS.values())


def test_the_table_alone_imports_no_format():
    code = (
        "import sys, mlscore.report.targets; "
        "print(*(name for name in sys.modules if name.startswith(('mlscore.report', 'rich', 'json'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"mlscore.report", "mlscore.report.screen", "mlscore.report.targets"}
