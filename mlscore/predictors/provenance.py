"""Where a model comes from: what its file says, and what training wrote down beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.errors import InputError
from mlscore.predictors.shapes import Provenance
from mlscore.predictors.sources import digest_of, size_of

SUFFIX = ".provenance.json"
_TEXTS = ("commit", "data_digest")


def provenance_of(form: str, path: Path | None, told: Provenance, kept: Provenance | None = None) -> Provenance:
    """What is known: digest and size of the file, what the model itself says, and what its note says instead.

    `kept` is what the one who keeps the model, such as MLflow, says of it. Raises InputError when the note cannot be read.
    """
    if kept is not None:
        told = replace(
            told,
            libraries={**told.libraries, **kept.libraries},
            commit=told.commit or kept.commit,
            data_digest=told.data_digest or kept.data_digest,
        )
    if path is None:
        return replace(told, format=form)
    found = replace(told, format=form, digest=digest_of(path), size=size_of(path))
    note = read_note(path)
    if note is None or note.get("digest") != found.digest:
        return found
    libraries = note.get("libraries")
    return replace(
        found,
        commit=note.get("commit") or found.commit,
        data_digest=note.get("data_digest") or found.data_digest,
        dirty=note["dirty"] if isinstance(note.get("dirty"), bool) else None,
        libraries={**found.libraries, **(libraries if isinstance(libraries, dict) else {})},
    )


def note_path(path: Path) -> Path:
    """Where the note about a model lies: `model.skops.provenance.json` beside `model.skops`."""
    return path.with_name(path.name + SUFFIX)


def read_note(path: Path) -> Mapping[str, Any] | None:
    """The note about a model, None where there is none. Raises InputError when it is no JSON object of texts."""
    file = note_path(path)
    if not file.exists():
        return None
    try:
        note = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        note = None
    if not isinstance(note, dict) or not all(isinstance(note.get(key, ""), (str, type(None))) for key in _TEXTS):
        raise InputError(f"{file.name} is no note about a model", hint="have training write it again, or delete it")
    return note


def write_note(
    path: Path, *, root: Path, data: Sequence[Path] = (), libraries: Sequence[str] = ("scikit-learn", "numpy")
) -> Path:
    """Write down, beside a model that was just saved, what it was made of; the note's path.

    The note holds the digest of the model, git's commit of the project at `root` and whether its tree was dirty, the
    digest of the training data (files or folders, in the order given) and the versions of the libraries that are
    installed. Raises InputError when the model or a file of data is not there, and OutputError when the note cannot be
    written.
    """
    import hashlib
    from importlib.metadata import PackageNotFoundError, version

    from mlscore.project.git import git_facts
    from mlscore.project.write import write_atomically

    for one in (path, *data):
        if not one.exists():
            raise InputError(f"there is no {one.name} to write a note about", hint="save it first")
    facts = git_facts(root, dirty=True)
    digests = [digest_of(one) for one in data]
    versions = {}
    for name in libraries:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    whole = digests[0] if len(digests) == 1 else f"sha256:{hashlib.sha256(' '.join(digests).encode()).hexdigest()}"
    note = {
        "digest": digest_of(path),
        "commit": facts.commit,
        "dirty": facts.dirty,
        "data_digest": whole if digests else None,
        "libraries": versions,
    }
    write_atomically(note_path(path), json.dumps(note, indent=2) + "\n")
    return note_path(path)
