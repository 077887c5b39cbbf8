"""Other languages and character sets of the user's: the same configuration, the same bytes."""

import os
import subprocess
import sys

import pytest

SCRIPT = """\
import sys
from datetime import date
from pathlib import Path
from mlscore.project.attest import write_attestation
from mlscore.project.ci import detect_ci
from mlscore.project.git import git_facts
from mlscore.project.load import load_config
try:
    import locale
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
root = Path(sys.argv[1])
today = date(2026, 11, 21)
config = load_config(root, environ={"MLSCORE_STRICT": "TRUE", "MLSCORE_PROFILE": "staging"}, today=today)
assert config.name == "I\\u0131 pr\\u00f8ject", ascii(config.name)
assert config.gate.strict and config.gate.profile == "staging"
assert config.attestations[0].link_found, config.attestations
assert detect_ci({"GITLAB_CI": "TRUE"}) == "GitLab CI"
assert git_facts(root).available is False
written = write_attestation(
    config, item="infra-4", owner="\\u0130\\u011f", what="\\u00f1", link="docs/\\u00e9.md", on=today, today=today
)
print(written.location.line)
"""


@pytest.mark.parametrize("language", ["C", "tr_TR.UTF-8", "ja_JP.EUC-JP", "de_DE.ISO-8859-1"])
@pytest.mark.parametrize("utf8", ["0", "1"])
def test_the_language_changes_nothing(write, root, language, utf8):
    write("docs/é.md")
    write(
        "mlscore.toml",
        'name = "Iı prøject"\n\n[[attestation]]\nitem = "infra-1"\nowner = "İğ"\ndate = 2026-11-01\nwhat = "ñ"\n'
        'link = "docs/é.md"\n',
    )
    environ = {
        **os.environ,
        "LC_ALL": language,
        "LANG": language,
        "PYTHONUTF8": utf8,
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root)],
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    text = (root / "mlscore.attestations.toml").read_bytes().decode("utf-8")
    row = int(done.stdout)
    assert text.split("\n")[row - 1 : row + 7] == [
        "[[attestation]]",
        'item = "infra-4"',
        'owner = "İğ"',
        "date = 2026-11-21",
        'what = "ñ"',
        'link = "docs/é.md"',
        "expires = 2027-05-20",
        "",
    ]
