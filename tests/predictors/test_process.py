"""Processes that answer for a model: their end told in words, and nothing of them left."""

from __future__ import annotations

import os
import sys
import time

import pytest

from mlscore.predictors.process import EndedError, Talk, Watched, memory_of, search_path


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().split()[2] == "Z"


def test_our_own_memory_is_known():
    assert 5_000_000 < memory_of(os.getpid()) < 100_000_000_000
    assert memory_of(2**22 + 1) == 0


def test_what_a_process_started_ends_with_it(tmp_path):
    code = (
        "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    )
    watched = Watched([sys.executable, "-c", code], root=tmp_path, memory_mb=500)
    child = int(watched.process.stdout.readline())
    watched.end()
    for _ in range(100):
        if gone(child):
            break
        time.sleep(0.05)
    assert gone(child)
    assert watched.process.poll() is not None


LEAVES = """
import os, sys, time
{fork}
    os.setsid()
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(30)
    os._exit(0)
time.sleep(30)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the family is known from /proc")
def test_a_child_in_a_session_of_its_own_ends_as_well(tmp_path):
    watched = Watched([sys.executable, "-c", LEAVES.format(fork="if os.fork() == 0:")], root=tmp_path, memory_mb=500)
    child = int(watched.process.stdout.readline())
    watched.end()
    for _ in range(100):
        if gone(child):
            break
        time.sleep(0.05)
    assert gone(child)


def test_who_got_away_with_the_pipes_does_not_hold_the_caller(tmp_path, monkeypatch):
    boot = LEAVES.format(fork="if os.fork() == 0 and os.fork() == 0:").replace(
        "os.write(1,", "open('pid', 'wb').write("
    )
    monkeypatch.setattr("mlscore.predictors.process._BOOT", boot)
    talk = Talk(root=tmp_path, memory_mb=500)
    started = time.monotonic()
    with pytest.raises(EndedError, match=r"gave no answer within 2 s and was ended"):
        talk.ask({"do": "predict"}, [b"x" * 10_000_000], limit=2.0)
    took = time.monotonic() - started
    os.kill(int((tmp_path / "pid").read_text(encoding="ascii")), 9)
    assert took < 15


def test_its_last_words_are_kept_and_no_more(tmp_path):
    code = "import sys; sys.stderr.write('x' * 100_000 + '\\nenough\\n'); sys.exit(4)"
    watched = Watched([sys.executable, "-c", code], root=tmp_path, memory_mb=500)
    ended = watched.ended()
    assert (ended.what, ended.hint) == ("ended with exit code 4", 'its last words: "enough"')
    assert len(watched.said) <= 16_384


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import os; os.write(1, b'hello, this is no frame at all')", "wrote into the channel that its answers take"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
        ("pass", "ended with exit code 0"),
    ],
)
def test_a_process_that_does_not_talk_is_told(tmp_path, monkeypatch, code, what):
    monkeypatch.setattr("mlscore.predictors.process._BOOT", code)
    talk = Talk(root=tmp_path, memory_mb=500)
    with pytest.raises(EndedError) as error:
        talk.ask({"do": "open"}, limit=20)
    assert error.value.what == what
    talk.close()


def test_a_request_that_nobody_reads_does_not_hold_the_caller(tmp_path, monkeypatch):
    monkeypatch.setattr("mlscore.predictors.process._BOOT", "import time; time.sleep(60)")
    talk = Talk(root=tmp_path, memory_mb=500)
    with pytest.raises(EndedError, match=r"gave no answer within 1 s and was ended"):
        talk.ask({"do": "predict"}, [b"x" * 10_000_000], limit=1.0)


def test_modules_of_the_project_come_first(tmp_path):
    (tmp_path / "src").mkdir()
    assert search_path(tmp_path)[:2] == [str(tmp_path), str(tmp_path / "src")]
    assert search_path(tmp_path, ours=False) == [str(tmp_path), str(tmp_path / "src")]
