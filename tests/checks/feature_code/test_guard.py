"""The bounds within which foreign code runs: time, network, files; nothing of them stays behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mlscore.checks.feature_code.guard import BlockedError, Seen, TimeLimitError, bounds


def sleep_in_spite_of_errors():
    try:
        time.sleep(10)
    except Exception:
        time.sleep(10)


def test_a_call_that_takes_too_long_is_ended_and_the_alarm_given_back():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeLimitError), bounds(0.1, Seen()):
        sleep_in_spite_of_errors()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_s_alarm_goes_on():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.4)
        with bounds(5, Seen()):
            pass
        deadline = time.monotonic() + 10
        while not rung and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung == [1]


def test_in_another_thread_there_is_no_alarm():
    seen, done = Seen(), []

    def work():
        with bounds(0.01, seen):
            time.sleep(0.05)
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda folder: socket.getaddrinfo("localhost", 80), "for the network (localhost)"),
        (
            lambda folder: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", 9)),
            "for the network (127.0.0.1:9)",
        ),
        (lambda folder: subprocess.run([sys.executable, "-c", ""], check=True), "for another program"),
        (lambda folder: (folder / "x.txt").write_text("x", encoding="utf-8"), "to write the file x.txt"),
        (lambda folder: (folder / "x.txt").open("ab"), "to write the file x.txt"),
    ],
)
def test_what_is_refused(ask, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = Seen()
    with pytest.raises(BlockedError, match="which the check does not give"), bounds(5, seen):
        ask(tmp_path)
    assert list(seen.outside) == [told]
    assert not list(tmp_path.iterdir())


def test_what_is_allowed_is_noted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = Seen()
    with bounds(5, seen, outside=True):
        Path("x.txt").write_text("x", encoding="utf-8")
    assert list(seen.outside) == ["to write the file x.txt"]
    assert Path("x.txt").exists()


def test_outside_of_bounds_nothing_is_refused(tmp_path):
    with bounds(5, Seen()):
        pass
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    socket.getaddrinfo("localhost", 80)


def test_reading_importing_and_temporary_files_are_no_matter(tmp_path):
    (tmp_path / "given.txt").write_text("x", encoding="utf-8")
    seen = Seen()
    with bounds(5, seen):
        import tempfile

        (tmp_path / "given.txt").read_text(encoding="utf-8")
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
    assert (list(seen.outside), list(seen.read)) == ([], ["given.txt"])
