"""Judging a served model's origin: its file against its note, the note's commit against the branch, and the reviews."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mlscore.checks.provenance.history import History
from mlscore.checks.provenance.platform import read_platform
from mlscore.checks.provenance.reviews import review_of
from mlscore.checks.provenance.shapes import Change, ProvenanceReport
from mlscore.checks.spec import shown
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.provenance import note_path, read_note
from mlscore.predictors.shapes import Provenance
from mlscore.predictors.sources import digest_of
from mlscore.project.redact import redact

_HASH = re.compile(r"[0-9a-fA-F]{7,64}")


def check_provenance(
    model: Path | Provenance,
    root: Path,
    *,
    branch: str | None = None,
    code: Sequence[str] = (),
    since: str | None = None,
    metadata: Path | None = None,
    where: object | None = None,
) -> ProvenanceReport:
    """Follow a served model to its commit, and that commit to its review.

    `model` is the model's file or folder, with the note that `write_note` left beside it, or what is known of it otherwise.
    `branch` is the one that is deployed (the remote's default, else main or master); `code` the files and folders of the
    training code under `root` (all of the project). `since` is a commit or tag: every later change of the code must have
    been reviewed; without it, the last one. `metadata` is a platform's JSON of pull requests.

    Findings are: no recorded commit, a file that is not the one of the note, a tree that was dirty, a commit that the
    repository or the branch lacks, code that the branch never held, and changes that nobody else reviewed. What git cannot
    tell is not judged, and makes the report hollow. Raises InputError and ConfigError for what is not there.
    """
    history = History(root)
    name, ref = history.branch(branch, where)
    findings: list[str] = []
    unknown: list[str] = []
    recorded = _recorded(model, findings) if isinstance(model, Path) else model
    told = {"commit": recorded.commit, "dirty": recorded.dirty, "data_digest": recorded.data_digest}
    if recorded.dirty:
        findings.append("the tree had changes that were not committed when the model was trained")
    if recorded.commit is None:
        findings.append("nothing says from which commit the model was trained")
        return ProvenanceReport(recorded.digest, None, name, findings=tuple(findings), recorded=told)
    if recorded.dirty is None:
        unknown.append("nobody wrote down whether the tree was clean when the model was trained")
    if recorded.digest is None:
        unknown.append("the model has no file whose digest the note could name")
    if not _HASH.fullmatch(recorded.commit):
        # A branch's name says nothing: it is another commit tomorrow.
        findings.append(f'what is recorded as the commit is none: "{redact(recorded.commit)[:40]}"')
        return ProvenanceReport(recorded.digest, None, name, findings=tuple(findings), recorded=told)
    commit = history.commit(recorded.commit)
    arrival: str | None = None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    if commit is None:
        _absent(history, f"the commit {recorded.commit[:12]} is not in the repository", findings, unknown)
    else:
        arrival = history.arrival(commit, ref)
        if arrival is None:
            _absent(history, f"the commit {commit[:7]} is not on the branch {name}", findings, unknown)
        else:
            paths = _code(history, commit, code)
            if arrival != commit and history.differ(commit, arrival, paths):
                findings.append(
                    f"the model was trained from {commit[:7]}, before it was merged as {arrival[:7]} with other code"
                )
            pulls = () if metadata is None else read_platform(metadata, shown(metadata, root))
            start, notes = _since(history, since, arrival)
            found = history.changes(arrival, start, paths) or history.changes(arrival, None, paths)
            changes = tuple(review_of(one, history, paths, pulls) for one in found)
            findings += [f"{one.commit[:7]}: {one.why}" for one in changes if one.reviewed is False]
            unknown += [f"{one.commit[:7]}: {one.why}" for one in changes if one.reviewed is None]
    return ProvenanceReport(
        recorded.digest,
        commit or recorded.commit,
        name,
        arrival,
        changes,
        tuple(findings),
        tuple(unknown),
        notes,
        told,
    )


def _recorded(model: Path, findings: list[str]) -> Provenance:
    if not model.exists():
        raise InputError(f"there is no model {model.name}", hint="train first, or mend the path")
    digest = digest_of(model)
    note = read_note(model)
    if note is None:
        return Provenance("", digest)
    if note.get("digest") != digest:
        findings.append(
            f"{note_path(model).name} is of another file: it names {_short(note.get('digest'))}, and the model is "
            f"{_short(digest)}"
        )
    dirty = note.get("dirty")
    return Provenance(
        "",
        digest,
        commit=note.get("commit") or None,
        data_digest=note.get("data_digest"),
        dirty=dirty if isinstance(dirty, bool) else None,
    )


def _short(digest: object) -> str:
    return digest[:19] if isinstance(digest, str) and digest else "no digest"


def _absent(history: History, what: str, findings: list[str], unknown: list[str]) -> None:
    if history.shallow:
        unknown.append(f"{what} as far as a shallow clone shows (git fetch --unshallow)")
    else:
        findings.append(what)


def _code(history: History, commit: str, code: Sequence[str]) -> tuple[str, ...]:
    for path in code:
        if not history.files(commit, (path,)):
            raise InputError("the model's commit has no such training code", where=path, hint="mend the path")
    return tuple(code) or (".",)


def _since(history: History, since: str | None, arrival: str) -> tuple[str | None, tuple[str, ...]]:
    if since is None:
        return None, ("judged is the last change of the training code",)
    start = history.commit(since)
    if start is None:
        raise ConfigError(f'"since" names {since}, which is no commit here', hint="name a commit or a tag")
    if not history.builds_on(arrival, start):
        return None, (f"judged is the last change of the training code: the model does not build on {since[:12]}",)
    return start, (f"judged are the changes of the training code since {since[:12]}",)
