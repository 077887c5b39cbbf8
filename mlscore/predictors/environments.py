"""Python environments of their own for models whose requirements are not what is installed here; built once, and kept."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlscore.errors import UsageError
from mlscore.predictors.shapes import same_version

_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;,]+)")
_MINUTES = 30
# What the process of a model needs beside the model's own requirements.
_OURS = ("numpy", "pandas", "pyarrow")
_READY = "ready"


def pins(requirements: Sequence[str]) -> dict[str, str]:
    """The versions that requirements fix, by the distribution's name."""
    found = {}
    for line in requirements:
        if match := _PINNED.match(line.strip()):
            found[match.group(1)] = match.group(2)
    return found


def differing(requirements: Sequence[str]) -> tuple[str, ...]:
    """A line for each fixed version that is not the one installed here: "scikit-learn 1.2.0, here 1.9.1"."""
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name, wanted in pins(requirements).items():
        try:
            here = version(name)
        except PackageNotFoundError:
            found.append(f"{name} {wanted}, here none")
            continue
        if not same_version(wanted, here):
            found.append(f"{name} {wanted}, here {here}")
    return tuple(found)


def environment(requirements: Sequence[str], where: object | None = None) -> str:
    """The Python of an environment in which the requirements are installed; built by pip when there is none yet.

    It is kept in the user's cache folder, by the requirements. Raises UsageError when it cannot be built.
    """
    wanted = sorted({*requirements, *(name for name in _OURS if name not in pins(requirements))})
    key = hashlib.sha256("\n".join((sys.version, sys.prefix, *wanted)).encode()).hexdigest()[:20]
    folder = cache_folder() / key
    if not (folder / _READY).exists():
        _build(folder, wanted, where)
    return str(python_of(folder))


def cache_folder() -> Path:
    """Where environments are kept: below `XDG_CACHE_HOME`, else below `.cache` in the user's home."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mlscore" / "environments"


def python_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _build(folder: Path, wanted: Sequence[str], where: object | None) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Built beside its place and moved there whole: what was interrupted must not pass for an environment.
    with tempfile.TemporaryDirectory(prefix="building-", dir=folder.parent) as name:
        made = Path(name) / "environment"
        _run([sys.executable, "-m", "venv", str(made)], where)
        listed = Path(name) / "requirements.txt"
        listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        pip = [str(python_of(made)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        _run([*pip, "-r", str(listed)], where)
        (made / _READY).touch()
        try:
            made.rename(folder)
        except OSError:
            if not (folder / _READY).exists():  # another process was not quicker: what lies there is no environment
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)


def _run(command: Sequence[str], where: object | None) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"the model's environment was not built within {_MINUTES} minutes", where=where) from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise UsageError(
            f"the model's environment cannot be built ({' '.join(said[0].split())[:300] if said else 'pip failed'})",
            where=where,
            hint="pip must reach what its requirements.txt names; or save the model with the versions installed here",
        )
