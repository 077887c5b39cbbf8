"""Building an extra's environment: in a folder beside, from pins alone, tried, and only then put in its place."""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from mlscore.errors import MlscoreError, OutputError, UsageError
from mlscore.extras.interpreters import Interpreter, choose
from mlscore.extras.places import MARKER, find, folder_of
from mlscore.extras.shapes import Environment, Extra, Tell, python_in
from mlscore.project.redact import redact

_MB = 1_000_000
_LAST = 200  # lines of pip's that are kept
# Compares what is installed with the pins, which come on standard input.
_COMPARE = (
    "import sys\nfrom importlib.metadata import PackageNotFoundError, version\n"
    "for pin in sys.stdin.read().split():\n"
    "    name, _, wanted = pin.partition('==')\n"
    "    try:\n        found = version(name)\n    except PackageNotFoundError:\n        found = None\n"
    "    if found != wanted:\n        sys.exit(name)\n"
)


def install(extra: Extra, *, python: Path | None = None, tell: Tell | None = None) -> tuple[Environment, bool]:
    """The environment of an extra, and whether it was built now: one that is whole and of today's pins is used again.

    Two calls at once build one. Raises UsageError where no Python fits or the packages cannot be had, OutputError where
    there is no room or no right to write.
    """
    say = tell or (lambda what, share: None)
    place = folder_of(extra)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(place.parent / f".{extra.id}.lock", lambda: say("waiting for another installation", None)):
            asked = None if python is None else choose(extra, python)
            found = find(extra)
            if found is not None and (asked is None or asked.version == found.version) and is_sound(found):
                return found, False
            return _build(extra, place, asked or choose(extra), say), True
    except OSError as error:
        raise OutputError(
            f"cannot be written: {(error.strerror or str(error)).lower()}",
            where=error.filename or place,
            hint="make room or set MLSCORE_HOME to another folder",
        ) from None


def remove(extra: Extra) -> Path | None:
    """Remove an extra's environment, whole or half; where it was, None where there was none. Raises OutputError."""
    place = folder_of(extra)
    try:
        if not place.parent.is_dir():
            return None
        with _alone(place.parent / f".{extra.id}.lock", lambda: None):
            there = place.exists()
            _clear(place)
            if there:
                shutil.rmtree(place)
    except OSError as error:
        what = f"cannot be removed: {(error.strerror or str(error)).lower()}"
        raise OutputError(what, where=place, hint="remove it by hand") from None
    return place if there else None


def is_sound(found: Environment) -> bool:
    """Whether its Python runs and every package that was pinned is there in its version."""
    minor = ".".join(found.version.split(".")[:2])
    pins = "\n".join(line.split()[0] for line in found.extra.pins(minor).splitlines())
    try:
        done = subprocess.run(
            [str(found.python), "-I", "-c", _COMPARE],
            input=pins.encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _build(extra: Extra, place: Path, using: Interpreter, say: Tell) -> Environment:
    free = shutil.disk_usage(place.parent).free / _MB
    if free < extra.room:
        raise OutputError(
            f"{free:,.0f} MB are free, and building {extra.id} takes {extra.room:,} MB",
            where=place.parent,
            hint="make room or set MLSCORE_HOME to another folder",
        )
    _clear(place)
    work = place.parent / f".{extra.id}-{secrets.token_hex(4)}"
    try:
        surroundings = extra.surroundings(work)
        say(f"making an environment with Python {using.version}", None)
        _run([using.path, "-I", "-m", "venv", str(work)], surroundings, "the environment cannot be made")
        _fill(extra, work, using.minor, surroundings, say)
        say(f"trying {extra.id}", None)
        _run([str(python_in(work)), "-I", "-c", extra.probe], surroundings, f"{extra.id} does not run there")
        _mark(extra, work, using)
        _put(work, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    found = find(extra)
    if found is None:
        raise OutputError("it is gone again", where=place, hint="see who removes files there")
    return found


def _fill(extra: Extra, work: Path, minor: str, surroundings: Mapping[str, str], say: Tell) -> None:
    """Install the pins, which are all there is to install: nothing is resolved, and nothing is built from source."""
    text = extra.pins(minor)
    hashed = sys.platform == "linux" and platform.machine() == "x86_64"
    if not hashed:
        # The hashes are those of Linux's files.
        text = re.sub(r" --hash=\S+", "", text)
    listed = work / "pins.txt"
    listed.write_text(text, encoding="utf-8")
    total, done = len(text.splitlines()), 0

    def heard(line: str) -> None:
        nonlocal done
        if line.startswith(("Collecting ", "Processing ")):
            done += 1
            # What is fetched is most of the work; what is left is laid out at the end, without a word of pip.
            say(f"fetching {done} of {total} packages", 0.8 * done / total)
        elif line.startswith("Installing collected packages"):
            say(f"laying out {total} packages", 0.8)

    _run(
        [
            *(
                str(python_in(work)),
                "-I",
                "-m",
                "pip",
                "install",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--no-compile",
            ),
            *(("--require-hashes",) if hashed else ()),
            *("--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", str(listed)),
        ],
        surroundings,
        f"the packages of {extra.id} cannot be installed",
        heard,
    )


def _mark(extra: Extra, work: Path, using: Interpreter) -> None:
    from json import dumps

    size = sum(one.stat().st_size for one in work.rglob("*") if one.is_file() and not one.is_symlink())
    made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"extra": extra.id, "pins": extra.digest(using.minor), "python": using.version, "made": made}
    (work / MARKER).write_text(dumps(said | {"size": round(size / _MB)}) + "\n", encoding="utf-8")


def _put(work: Path, place: Path) -> None:
    """Put the folder in its place in one step; what was there goes aside first."""
    if place.exists():
        aside = place.parent / f".{place.name}-{secrets.token_hex(4)}"
        place.rename(aside)
        work.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        work.rename(place)


def _clear(place: Path) -> None:
    """Remove what an interrupted installation left; nobody else builds this extra while the lock is held."""
    for left in place.parent.glob(f".{place.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


def _run(
    command: Sequence[str], surroundings: Mapping[str, str], what: str, heard: Callable[[str], None] | None = None
) -> None:
    """Run a command, hearing its lines. Raises UsageError with its reason where it fails; Ctrl-C ends it."""
    said: deque[str] = deque(maxlen=_LAST)
    with subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(surroundings),
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                said.append(line.strip())
                if heard is not None:
                    heard(line.strip())
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise failure(what, list(said))


_UNREACHED = (
    "NewConnectionError|ConnectTimeout|Read timed out|ReadTimeout|ProxyError|SSLError|name resolution|"
    "Network is unreachable|Connection refused|Connection reset|Connection aborted|Max retries"
)


def failure(what: str, said: Sequence[str]) -> MlscoreError:
    """Why it failed, from what the command said, as an error that says what to do."""
    text = "\n".join(said)
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return OutputError(f"{what}: the disk is full", hint="make room or set MLSCORE_HOME to another folder")
    if "DO NOT MATCH THE HASHES" in text:
        named = re.search(r"^\s*(\S+==\S+) from", text, re.MULTILINE)
        which = f": {named.group(1)}" if named else ""
        return UsageError(
            f"{what}: a file is not the one that was pinned{which}",
            hint="let pip install from an index that serves the original files",
        )
    if re.search(_UNREACHED, text):
        return UsageError(
            f"{what}: the package index cannot be reached",
            hint="mend the network or pip's own settings (pip config list), and run this again",
        )
    missing = re.search(r"No matching distribution found for (\S+)", text)
    if missing:
        return UsageError(
            f"{what}: pip's package index has no wheel of {missing.group(1)} for this system",
            hint="name a complete index in pip's own settings (pip config list)",
        )
    errors = [line for line in said if line.startswith("ERROR")] or [line for line in said if line]
    last = redact(errors[-1].removeprefix("ERROR: ")[:300]) if errors else "it said nothing"
    return UsageError(f"{what}: {last}", hint="mend that, and run this again")


@contextmanager
def _alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock on a file; it is gone with the process, however that ends."""
    with path.open("a", encoding="utf-8") as file:
        if os.name == "nt":
            # Without it two calls build twice, and the last one's environment stays: whole, if dear.
            yield
            return
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)
