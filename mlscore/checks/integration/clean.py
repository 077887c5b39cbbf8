"""The clean folder: what git tracks (or what is listed) of a project, copied to where nothing else is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlscore.checks.reproducible.training import LEFT_OUT
from mlscore.errors import ConfigError
from mlscore.project.git import ask_git

_MB = 1_000_000


def tracked(root: Path, where: object | None = None) -> tuple[str, ...]:
    """The files that git tracks below `root` and that are there. Raises ConfigError where there are none."""
    asked = ask_git(root, "ls-files", "-z")
    hint = 'write files = ["…"], the files and folders that the pipeline needs'
    if isinstance(asked, str):
        raise ConfigError(f"git does not say which files make the project: {asked}", where=where, hint=hint)
    found = [os.fsdecode(one) for one in asked.split(b"\0") if one]
    if not found:
        raise ConfigError("git tracks no file of the project", where=where, hint=f"add the files to git, or {hint}")
    return tuple(one for one in found if os.path.lexists(root / one))


def listed(root: Path, names: Sequence[str], where: object | None = None) -> tuple[str, ...]:
    """The files of these paths, folders with all below them but caches and environments.

    Raises ConfigError for a path that is not there, or not in the project.
    """
    found: list[str] = []
    for name in names:
        path = root / inside(name, where)
        if not os.path.lexists(path):
            raise ConfigError(f'there is no "{name}" to be copied', where=where, hint="mend the path")
        if not path.is_dir() or path.is_symlink():
            found.append(path.relative_to(root).as_posix())
            continue
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(one for one in folders if one not in LEFT_OUT)
            found += [(Path(folder) / one).relative_to(root).as_posix() for one in sorted(files)]
    return tuple(dict.fromkeys(found))


def inside(name: str, where: object | None = None) -> str:
    """The path as it is written shortest. Raises ConfigError where it leads out of the project."""
    short = os.path.normpath(name)
    if os.path.isabs(short) or ".." in Path(short).parts:
        raise ConfigError(
            f'"{name}" is outside of the project', where=where, hint="write a path relative to the project"
        )
    return Path(short).as_posix()


def copy(
    root: Path, place: Path, files: Iterable[str], most_mb: int, where: object | None = None
) -> tuple[int, list[str]]:
    """Copy the files to `place`, with new times; how many, and what was left out, in words.

    Links that lead out of the project and nested repositories are left out. Raises ConfigError beyond `most_mb`.
    """
    size, count = 0, 0
    left: list[str] = []
    own = root.resolve()
    for name in files:
        source, target = root / name, place / name
        if source.is_symlink():
            leads = os.readlink(source)
            if os.path.isabs(leads) or not source.resolve().is_relative_to(own):
                left.append(f"{name} is a link out of the project and was not copied")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(leads)
        elif source.is_dir():
            left.append(f"{name} is a repository of its own and was not copied")
            continue
        else:
            size += source.stat().st_size
            if size > most_mb * _MB:
                raise ConfigError(
                    f"the project's files hold more than {most_mb:,} MB",
                    where=where,
                    hint="list those that the pipeline needs in files, or allow more by copy-mb",
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            # Without the file's times: what is older than the run shall be what was there before it.
            shutil.copy(source, target)
        count += 1
    return count, left


def remove(path: Path) -> bool:
    """Remove a file or folder; whether there was one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    else:
        return False
    return True
