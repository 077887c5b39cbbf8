"""What a platform says of pull requests: GitHub's and GitLab's JSON, as their commands and interfaces export it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlscore.checks.provenance.shapes import Pull
from mlscore.errors import InputError
from mlscore.project.read import read_text

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DECIDING = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


def read_platform(path: Path, name: str) -> tuple[Pull, ...]:
    """The merged requests in a file; `name` is the file's for errors.

    Read are the lists of `gh pr list --json …`, of GitHub's and GitLab's REST interfaces, and an object that gives such a
    list for each commit by its hash. Raises InputError when it is none of them.
    """
    text = read_text(path, where=name, error=InputError)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", where=name, hint="export it anew") from None
    found = []
    for commit, entry in _entries(data):
        if not isinstance(entry, dict) or not any(entry.get(key) for key in ("number", "iid")):
            raise InputError(
                "it holds something that is no pull or merge request",
                where=name,
                hint="export it: gh pr list --state merged --json number,author,mergeCommit,mergedAt,reviews",
            )
        if _merged(entry):
            found.append(_pull(entry, commit))
    return tuple(found)


def _entries(data: Any) -> Iterable[tuple[str | None, Any]]:
    if isinstance(data, list):
        return [(None, one) for one in data]
    if isinstance(data, dict) and data and all(_HASH.fullmatch(key) for key in data):
        return [(key, one) for key, some in data.items() for one in (some if isinstance(some, list) else [some])]
    return [(None, data)]


def _merged(entry: Mapping[str, Any]) -> bool:
    # GitHub's "merge_commit_sha" of an open request is that of a trial merge.
    if any(key in entry for key in ("merged_at", "mergedAt")):
        return bool(entry.get("merged_at") or entry.get("mergedAt"))
    return str(entry.get("state", "")).lower() == "merged" or entry.get("merged") is True


def _pull(entry: Mapping[str, Any], commit: str | None) -> Pull:
    told = [commit, entry.get("merge_commit_sha"), entry.get("squash_commit_sha")]
    merge = entry.get("mergeCommit")
    told.append(merge.get("oid") if isinstance(merge, dict) else merge)
    commits = tuple(dict.fromkeys(one for one in told if isinstance(one, str) and _HASH.fullmatch(one)))
    author = _person(entry.get("author") or entry.get("user"))
    approvers = _approvers(entry)
    others = None if approvers is None else tuple(sorted(one for one in approvers if one != author))
    sign = "#" if "number" in entry else "!"
    return Pull(f"{sign}{entry.get('number', entry.get('iid'))}", commits, others)


def _approvers(entry: Mapping[str, Any]) -> set[str] | None:
    """Who approved at last: GitHub's reviews in order, or GitLab's list; None where the file does not say."""
    reviews, approved = entry.get("reviews"), entry.get("approved_by")
    if isinstance(reviews, list):
        last: dict[str | None, str] = {}
        for one in reviews:
            if isinstance(one, dict) and str(one.get("state")).upper() in _DECIDING:
                last[_person(one.get("author") or one.get("user"))] = str(one["state"]).upper()
        return {person for person, state in last.items() if state == "APPROVED" and person}
    if isinstance(approved, list):
        people = (one.get("user", one) for one in approved if isinstance(one, dict))
        return {person for person in map(_person, people) if person}
    return None


def _person(given: Any) -> str | None:
    if not isinstance(given, dict):
        return given if isinstance(given, str) else None
    name = given.get("login") or given.get("username")
    return name if isinstance(name, str) else None
