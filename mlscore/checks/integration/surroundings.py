"""What a pipeline runs in: an environment of its own, watched; and what it left outside of its folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mlscore.checks.integration.shapes import Finding, Kind
from mlscore.checks.reproducible.training import LEFT_OUT
from mlscore.predictors.process import environment_of

_HOOK = """\
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location("_mlscore_watch", os.environ["MLSCORE_WATCH_FILE"])
watch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(watch)
own = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [one for one in sys.path if os.path.abspath(one) != own]
this = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = this  # who imports this looks for it there
watch.install(os.environ["MLSCORE_WATCH_LOG"], os.environ["MLSCORE_PIPELINE_RUN"], os.environ["MLSCORE_WATCH_ROOT"])
"""
# Where runs and releases would be told to servers that others use, and where git would look for another repository.
_DROPPED = re.compile(
    r"MLFLOW_(TRACKING_URI|REGISTRY_URI|EXPERIMENT_\w+|RUN_ID)|PREFECT_(API_URL|API_KEY|PROFILE|HOME)|ZENML_\w+|AIRFLOW_\w+"
    r"|GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX)|PYTEST_\w+|XDG_\w+|PWD|OLDPWD|PYTHONSTARTUP|MAKE(FLAGS|LEVEL)|MFLAGS"
)
_SECRET = re.compile(r"(?i)password|passwd|pwd|secret|token|credential|signature|(^|_)key($|_)|accountkey|apikey")
_LEAST_SECRET = 6
_FINE = 2.0  # seconds to which some file systems keep times
_SHOWN = 5


class Surroundings:
    """The folders of one run below `base`: the pipeline's own, a home, one for temporary files, and what it is told by."""

    def __init__(self, base: Path, root: Path, given: Mapping[str, str]) -> None:
        self._base = base
        self._root = root
        self.place = base / (root.name or "project")
        self.home, self._temp, self._hook = base / "home", base / "temp", base / "hook"
        for folder in (self.place, self.home, self._temp, self._hook):
            folder.mkdir()
        (self._hook / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        self._given = dict(given)
        plain = environment_of()
        self._dropped = sorted(name for name in plain if _DROPPED.fullmatch(name))
        self._plain = {name: value for name, value in plain.items() if name not in self._dropped}
        self._count = 0
        self._told: set[str] = set()

    @property
    def stated(self) -> tuple[str, ...]:
        """What a run is given, in words, without any value of the user's."""
        said = [
            f"Python {sys.version.split()[0]} on {sys.platform}",
            "HOME and the folder for temporary files are empty ones",
            "PYTHONPATH begins with the clean folder",
        ]
        if self._given:
            said.append(f"set: {', '.join(sorted(self._given))}")
        if self._dropped:
            said.append(f"left out: {', '.join(self._dropped)}")
        return tuple(said)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values of variables that are named as secrets are."""
        both = {**self._plain, **self._given}
        return tuple(v for k, v in both.items() if _SECRET.search(k) and len(v) >= _LEAST_SECRET)

    def variables(self, more: Mapping[str, str]) -> tuple[dict[str, str], Path]:
        """The environment of a stage, and the file in which is written what it opens."""
        self._count += 1
        log = self._base / f"opened-{self._count}"
        # The hook first; then the copy, which stands for the project where that is installed by a link.
        places = [self._hook, self.place, self.place / "src"]
        before = [one for one in self._plain.get("PYTHONPATH", "").split(os.pathsep) if one and not self._is_root(one)]
        return {
            **self._plain,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TMPDIR": str(self._temp),
            "TEMP": str(self._temp),
            "TMP": str(self._temp),
            "PATH": os.pathsep.join((os.path.dirname(sys.executable), self._plain.get("PATH", os.defpath))),
            "PYTHONPATH": os.pathsep.join([*map(str, places), *before]),
            "PYTHONUNBUFFERED": "1",  # the last words of a process stand last
            "PYTHONDONTWRITEBYTECODE": "1",
            "WANDB_MODE": "offline",
            "DO_NOT_TRACK": "1",
            "KEDRO_DISABLE_TELEMETRY": "1",
            "ZENML_ANALYTICS_OPT_IN": "false",
            "DVC_NO_ANALYTICS": "1",
            "DVC_SITE_CACHE_DIR": str(self._temp),
            **{k: v.replace("{home}", str(self.home)).replace("{folder}", str(self.place)) for k, v in more.items()},
            **self._given,
            "MLSCORE_PIPELINE_RUN": str(self._base),
            "MLSCORE_WATCH_FILE": str(Path(__file__).with_name("watch.py")),
            "MLSCORE_WATCH_LOG": str(log),
            "MLSCORE_WATCH_ROOT": str(self._root),
        }, log

    def _is_root(self, entry: str) -> bool:
        path = Path(entry)
        return path == self._root or path.is_relative_to(self._root)

    def opened(self, log: Path, stage: str, since: float) -> list[Finding]:
        """What the stage's Python processes did outside of its folder; each file is told once."""
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        read: list[str] = []
        wrote: list[str] = []
        removed: list[str] = []
        made = {line[2:] for line in lines if line.startswith("w\t")}
        for what, _, path in (line.partition("\t") for line in lines):
            if path in self._told or self._is_tool(path):
                continue
            if what == "d" and path not in made and not os.path.lexists(path):
                removed.append(path)
            elif what == "w" and _changed(path) >= since - _FINE:
                wrote.append(path)
            elif what == "r" and os.path.exists(path):
                read.append(path)
            else:
                continue
            self._told.add(path)
        found = []
        if wrote:
            found.append(Finding(Kind.WROTE, f"it writes outside of its folder: {self._shown(wrote)}", stage))
        if removed:
            found.append(Finding(Kind.WROTE, f"it removes outside of its folder: {self._shown(removed)}", stage))
        if read:
            what = "code" if all(one.endswith((".py", ".pyc", ".so")) for one in read) else "what stands"
            says = f"it reads {what} in the project's own folder, not in the clean one: {self._shown(read)}"
            found.append(Finding(Kind.READ, says, stage))
        return found

    def _is_tool(self, path: str) -> bool:
        parts = Path(path)
        if any(one and parts.is_relative_to(one) for one in {sys.prefix, sys.base_prefix, sys.exec_prefix}):
            return True
        below = parts.relative_to(self._root).parts if parts.is_relative_to(self._root) else ()
        return any(one in LEFT_OUT for one in below)

    def _shown(self, paths: Sequence[str]) -> str:
        """Paths as messages show them: those of the project relative to it."""
        names = [_named(path, self._root) for path in sorted(set(paths))]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return ", ".join(names[:_SHOWN]) + more

    def beside(self, stage: str) -> list[Finding]:
        """What the stage wrote next to its folder, or into its home, where settings and caches have names with a dot."""
        own = {self.place, self.home, self._temp, self._hook}
        names = [one.name for one in self._base.iterdir() if one not in own and not one.name.startswith("opened-")]
        homes = [one.name for one in self.home.iterdir() if not one.name.startswith(".")]
        both = [*(f"../{name}" for name in sorted(names)), *(f"~/{name}" for name in sorted(homes))]
        new = [name for name in both if name not in self._told]
        self._told |= set(new)
        if not new:
            return []
        return [Finding(Kind.WROTE, f"it writes outside of its folder: {', '.join(new[:_SHOWN])}", stage)]

    def changed(self, before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> list[str]:
        """The project's own files that are not as they were and were not told yet."""
        found = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        fresh = sorted(name for name in found if str(self._root / name) not in self._told)
        self._told |= {str(self._root / name) for name in fresh}
        return fresh


def _changed(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return -1.0


def _named(path: str, root: Path) -> str:
    given = Path(path)
    for base in (root, root.resolve()):
        if given.is_relative_to(base):
            return f"the project's {given.relative_to(base).as_posix()}"
    return path


def times(root: Path) -> dict[str, tuple[int, int]]:
    """The time of the last change and the size of each file below `root`, without hidden ones, caches and environments."""
    found: dict[str, tuple[int, int]] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one not in LEFT_OUT and not one.startswith(".")]
        for name in files:
            if name.startswith("."):
                continue
            path = os.path.join(folder, name)
            with suppress(OSError):
                told = os.lstat(path)
                found[os.path.relpath(path, root)] = (told.st_mtime_ns, told.st_size)
    return found
