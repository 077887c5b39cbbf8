"""Writing a file whole or not at all, whatever interrupts."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from mlscore.errors import OutputError

_NEW_FILE_MODE = 0o666  # less the process's umask, as for any file a program creates


def write_atomically(path: Path, data: str | bytes) -> None:
    """Replace the file at `path` by `data` (text as UTF-8, line ends as they are); create it and its folders if need be.

    The new content goes to a file beside it, is forced to disk, and takes the old one's place in one step, so that a
    reader, or a crash or Ctrl-C at any moment, meets the old content or the new, never a part. The mode of an existing
    file is kept; a symbolic link stays, and what it leads to is replaced. Devices and pipes (`/dev/stdout`) are written
    to directly.

    Raises OutputError when the destination cannot be written.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    try:
        if _is_stream(path):
            with path.open("wb") as stream:
                stream.write(content)
            return
        target = _target(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as failure:
        raise _unwritable(path, failure) from None


def _is_stream(path: Path) -> bool:
    """Whether `path` is no file that could be replaced: a device, a pipe, or a name for an open descriptor."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _target(path: Path) -> Path:
    """The file to replace: `path`, or what it links to. Raises OSError or OutputError when it cannot be written."""
    if path.is_dir():
        raise OutputError("the destination is a folder", where=str(path), hint="name a file in it")
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OutputError(
            "a symbolic link that leads to itself", where=str(path), hint="remove it, or name another file"
        )
    return target


def _replace(target: Path, content: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    if mode is not None and not os.access(target, os.W_OK):
        # Replacing would succeed where the folder can be written, and undo somebody's protection of the file.
        raise PermissionError(13, "the file is read-only")
    # A short name of its own: beside a name of 250 characters a longer one would not fit.
    temporary = target.parent / f".mlscore-{os.urandom(6).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE_MODE)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, target)
    except BaseException:
        # Ctrl-C too must not leave the unfinished file behind.
        with suppress(OSError):
            temporary.unlink()
        raise
    _force_folder(target.parent)


def _force_folder(folder: Path) -> None:
    """Have the new name reach the disk; where a file system cannot do that, the content is whole all the same."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, failure: OSError) -> OutputError:
    why, hint = (failure.strerror or type(failure).__name__).lower(), "choose another destination"
    if isinstance(failure, PermissionError) or failure.errno == errno.EROFS:
        hint = "make it writable, or choose another destination"
    elif isinstance(failure, NotADirectoryError | FileExistsError):
        why = "a part of its path is a file, not a folder"
    elif failure.errno == errno.ENOSPC:
        hint = "free some space"
    return OutputError(f"cannot be written: {why}", where=str(path), hint=hint)
