"""Commands of projects: parted, filled, found, run within their time, and ended with all they started."""

import sys
import time
from pathlib import Path

import pytest

from mlscore.checks.commands import fill, program_of, run_command, split_command
from mlscore.errors import ConfigError


def test_a_command_is_a_text_or_a_list():
    assert split_command("make 'a b' c") == ("make", "a b", "c")
    assert split_command(["make a"]) == ("make", "a")
    assert split_command(["make", "a b"]) == ("make", "a b")
    with pytest.raises(ConfigError, match="the command is empty"):
        split_command("")


def test_names_are_filled_in_and_other_braces_stay():
    assert fill(("x", "--to={model}", "{other}", "{}"), {"model": "m"}) == ("x", "--to=m", "{other}", "{}")


def test_python_is_ours_and_a_program_must_be_there(tmp_path):
    assert program_of(("python", "-V"), tmp_path) == (sys.executable, "-V")
    (tmp_path / "tool").write_text("#!/bin/sh\n", encoding="utf-8")
    assert program_of(("./tool",), tmp_path) == (str(tmp_path / "tool"),)
    with pytest.raises(ConfigError, match=r'there is no program "\./none"'):
        program_of(("./none",), tmp_path)


def test_code_words_and_folder_are_told(tmp_path):
    code = "import os, sys; print(os.getcwd()); print('at postgresql://u:secret@h/db', file=sys.stderr); sys.exit(4)"
    done = run_command((sys.executable, "-c", code), tmp_path, 30)
    assert done.code == 4
    assert done.ended == "ended with exit code 4"
    assert str(tmp_path) in done.said
    assert "secret" not in done.last_words


def test_what_leaves_its_session_is_ended_and_told(tmp_path):
    code = "import subprocess; p = subprocess.Popen(['sleep', '60'], start_new_session=True); print(p.pid)"
    done = run_command((sys.executable, "-c", code), tmp_path, 20)
    assert (done.code, done.left) == (0, ("sleep",))
    assert done.seconds < 20
    status, until = Path("/proc") / done.last_words / "status", time.monotonic() + 10
    while status.exists() and "(zombie)" not in status.read_text(encoding="utf-8") and time.monotonic() < until:
        time.sleep(0.05)
    assert time.monotonic() < until


def test_what_leaves_nothing_tells_nothing(tmp_path):
    assert run_command((sys.executable, "-c", "print(1)"), tmp_path, 20).left == ()


def test_what_hangs_is_ended_with_its_children(tmp_path):
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(2); open(\"late\", \"w\")'])\n"
        "time.sleep(60)"
    )
    done = run_command((sys.executable, "-S", "-c", code), tmp_path, 0.8)
    assert done.code is None
    assert done.ended.startswith("did not end within 1 s")
    time.sleep(2.5)
    assert not (tmp_path / "late").exists()
