"""Training in a folder of its own: the project is copied, or the command told where to write; what comes of it is kept."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mlscore.checks.commands import fill, program_of, run_command, split_command
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.process import environment_of
from mlscore.predictors.sources import digest_of

_MB = 1_000_000
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
LEFT_OUT = (
    ".git",
    ".hg",
    ".venv",
    "venv",
    "env",
    "node_modules",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
)
_HOOK = """\
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("_mlscore_hold", os.environ["MLSCORE_HOLD_FILE"])
hold = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hold)
own = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [one for one in sys.path if os.path.abspath(one) != own]
this = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = this  # who imports this looks for it there
hold.install(**json.loads(os.environ["MLSCORE_HOLD"]))
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held in a training: seed and hash seed, threads, the clock (seconds since 1970), order of entries, folder."""

    seed: int = 0
    hashes: int = 0
    threads: int = 1
    clock: float = 0.0
    order: str = "sorted"
    folder: str = "run"


@dataclass(frozen=True, slots=True)
class Trained:
    """What one training wrote, where it is kept now, and how long it took."""

    path: Path
    digest: str
    seconds: float


class Trainer:
    """Trains by a command, each time as if for the first time."""

    def __init__(
        self,
        command: str | Sequence[str],
        artefact: str,
        root: Path,
        home: Path,
        *,
        limit: float,
        copy_mb: int,
        where: object | None = None,
        also: Mapping[str, str] | None = None,
    ) -> None:
        self._command = program_of(split_command(command, where), root, where)
        self._artefact = artefact
        self._root = root
        self._home = home
        self._limit = limit
        self._copy_mb = copy_mb
        self._where = where
        self._also = dict(also or {})  # variables that the command finds in its environment
        self._count = 0
        self._told = any("{artefact}" in word for word in self._command)
        if not self._told and (Path(artefact).is_absolute() or ".." in Path(artefact).parts):
            raise ConfigError(
                f'the artefact "{artefact}" is outside the project, where two runs would write the same file',
                where=where,
                hint="put {artefact} in the command of train where the path stands that it writes to",
            )

    def train(self, held: Held | None = None) -> Trained:
        """Train once. Raises InputError when the command fails, hangs, or writes nothing where it should."""
        self._count += 1
        folder = self._home / (f"run-{self._count}" if held is None else held.folder)
        folder.mkdir()
        name = Path(self._artefact).name
        if self._told:
            target, place = folder / name, self._root
        else:
            place = folder / self._root.name
            self._copy(place)
            target = place / self._artefact
            _remove(target)
        original = self._root / self._artefact
        before = _stamp(original)
        command = fill(self._command, {"artefact": str(target)})
        start = time.monotonic()
        done = run_command(command, place, self._limit, self._environment(held))
        seconds = time.monotonic() - start
        run = f"training number {self._count}"
        if done.code is None:
            raise InputError(
                f"{run} did not end within {self._limit:g} s",
                where=self._where,
                hint="allow more by timeout, or train on fewer rows for this check",
            )
        if done.code != 0:
            said = f': "{done.last_words}"' if done.last_words else ""
            raise InputError(f"{run} {done.ended}{said}", where=self._where, hint="run the command of train by itself")
        if not self._told and _stamp(original) != before:
            raise InputError(
                f"{run} began in a folder of its own and wrote into the project's: two runs write the same folder",
                where=self._where,
                hint="write to a path relative to the working folder, or put {artefact} in the command of train",
            )
        if not target.exists():
            raise InputError(
                f'{run} ended well and wrote no "{self._artefact}"',
                where=self._where,
                hint="name in artefact what it writes, or put {artefact} in the command of train",
            )
        kept = self._home / f"kept-{self._count}" / name
        kept.parent.mkdir()
        shutil.move(target, kept)
        shutil.rmtree(folder, ignore_errors=True)
        return Trained(kept, digest_of(kept), seconds)

    def _environment(self, held: Held | None) -> dict[str, str]:
        environment = environment_of() | self._also
        if held is None:
            return environment
        hook = self._home / "hook"
        if not hook.exists():
            hook.mkdir()
            (hook / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        settings = {name: value for name, value in asdict(held).items() if name in ("seed", "clock", "order")}
        return {
            **environment,
            **dict.fromkeys(_THREADS, str(held.threads)),
            "PYTHONHASHSEED": str(held.hashes),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(hook), environment.get("PYTHONPATH")))),
            "MLSCORE_HOLD": json.dumps(settings),
            "MLSCORE_HOLD_FILE": str(Path(__file__).with_name("hold.py")),
        }

    def _copy(self, place: Path) -> None:
        size = 0
        for folder, names, files in os.walk(self._root):
            names[:] = [name for name in names if name not in LEFT_OUT]
            size += sum(os.lstat(os.path.join(folder, name)).st_size for name in files)
            if size > self._copy_mb * _MB:
                raise ConfigError(
                    f"the project holds more than {self._copy_mb:,} MB, too much to copy for each training",
                    where=self._where,
                    hint="put {artefact} in the command of train, or allow more by copy-mb",
                )
        shutil.copytree(self._root, place, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
