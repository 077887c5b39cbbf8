"""What an extra environment is: the tool in it, the Pythons it works with, its pins, and where it stands."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Told of each stage: what is being done, and the share of it that is done (None: unknown).
Tell = Callable[[str, float | None], None]
_PINS = Path(__file__).parent / "pins"
# What would lead an environment's own Python or pip elsewhere.
_MISLEADING = ("PYTHON", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_PYTHON", "PIP_REQUIRE", "VIRTUAL_ENV", "COV")


@dataclass(frozen=True, slots=True)
class Extra:
    """A tool with an environment of its own.

    `pythons` are the versions there are pins for, the preferred one first. `environ` is set whenever something of it runs;
    `{folder}` in it is the environment's folder. `probe` is a Python program that imports what will be used. `room` is what
    building takes, in megabytes.
    """

    id: str
    title: str
    pythons: tuple[str, ...]
    environ: Mapping[str, str]
    probe: str
    room: int

    def pins(self, python: str) -> str:
        """The text of the pins for that version of Python: `name==version --hash=sha256:…` in each line."""
        return (_PINS / f"{self.id}-{python}.txt").read_text(encoding="utf-8")

    def digest(self, python: str) -> str:
        """The digest of these pins."""
        return hashlib.sha256(self.pins(python).encode()).hexdigest()

    def surroundings(self, folder: Path) -> dict[str, str]:
        """The environment variables with which something of it runs from `folder`."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(_MISLEADING)}
        return ours | {name: value.replace("{folder}", str(folder)) for name, value in self.environ.items()}


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is there. `version` is its Python's, `made` an ISO time in UTC, `size` in megabytes."""

    extra: Extra
    folder: Path
    version: str
    made: str
    size: int

    @property
    def python(self) -> Path:
        """The program that runs what is in it."""
        return python_in(self.folder)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables with which it runs."""
        return self.extra.surroundings(self.folder)


def python_in(folder: Path) -> Path:
    """The Python of an environment's folder."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"
