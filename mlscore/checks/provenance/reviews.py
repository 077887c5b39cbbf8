"""Whether a change was reviewed: by what the platform says, by trailers, or by a request that an owner had to approve."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlscore.checks.provenance.history import Commit, History
from mlscore.checks.provenance.owners import PLACES, unowned
from mlscore.checks.provenance.shapes import Change, Pull

# What GitHub, Gitea, Azure DevOps, Bitbucket and GitLab write into the commits that they merge.
_SUBJECT = (
    re.compile(r"Merge pull request (#\d+) from "),
    re.compile(r"Merged PR (\d+):"),
    re.compile(r".*\(pull request (#\d+)\)$"),
    re.compile(r".*\((#\d+)\)(?: from .+ into .+)?$"),
)
_BODY = re.compile(r"^See merge request \S*?(!\d+)\s*$", re.MULTILINE)
_REQUEST = re.compile(
    r"^(?:Reviewed-on|Pull-Request|Merge-Request|PR-URL|Differential Revision): *(\S+)\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_REVIEWER = re.compile(r"^(?:Reviewed|Approved)-by: *(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def review_of(commit: Commit, history: History, code: Sequence[str], pulls: Sequence[Pull]) -> Change:
    """How a change reached the branch.

    Reviewed is what somebody other than its author approved: by the platform's word or a trailer, or because it came by a
    request while rules of CODEOWNERS gave all the code owners, whom the platform asks. A request alone is not known to
    have been read. A commit that came without any request was not reviewed, as far as anything shows.
    """
    known = next((pull for pull in pulls if commit.id in pull.commits), None)
    request = request_of(commit.message) if known is None else known.number
    if known is not None and known.approvers is not None:
        if known.approvers:
            return Change(commit.id, True, f"{known.number}, approved by {', '.join(known.approvers)}", known.number)
        return Change(commit.id, False, f"{known.number} was merged without anybody else's approval", known.number)
    other = next((pull for pull in pulls if known is None and request == pull.number and pull.commits), None)
    if other is not None:
        why = f"it names {request}, which the platform says was merged as {other.commits[0][:7]}"
        return Change(commit.id, False, why, request)
    reviewers = _REVIEWER.findall(commit.message)
    if reviewers:
        authors = history.authors(commit)
        if any(not any(_same(one, *author) for author in authors) for one in reviewers):
            return Change(commit.id, True, "a trailer names another who reviewed it", request)
        return Change(commit.id, False, "its author alone reviewed it", request)
    if request is not None:
        return _owned(commit, history, code, request)
    if len(commit.parents) > 1:
        return Change(commit.id, None, "it was merged, but by no pull request that its message names")
    if not commit.parents and history.shallow:
        return Change(commit.id, None, "the clone is shallow and ends here (git fetch --unshallow)")
    return Change(commit.id, False, "it came to the branch without a trace of a review")


def request_of(message: str) -> str | None:
    """The pull or merge request that a commit's message names, as platforms write it; None without one."""
    subject = message.partition("\n")[0]
    for pattern in _SUBJECT:
        if found := pattern.match(subject):
            return found[1] if found[1].startswith("#") else f"#{found[1]}"
    found = _BODY.search(message) or _REQUEST.search(message)
    return None if found is None else found[1]


def _owned(commit: Commit, history: History, code: Sequence[str], request: str) -> Change:
    # The rules of the branch before the change: it could have brought rules of its own.
    ruled = commit.parents[0] if commit.parents else commit.id
    text = next((text for place in PLACES if (text := history.text(ruled, place)) is not None), None)
    if text is None:
        why = f"it came by {request}, and neither CODEOWNERS nor the platform says that another approved it"
        return Change(commit.id, None, why, request)
    free = unowned(text, history.files(commit.id, code))
    if free:
        why = f"it came by {request}, and CODEOWNERS gives {len(free)} files of the code no owner, such as {free[0]}"
        return Change(commit.id, None, why, request)
    return Change(commit.id, True, f"{request}, with owners for all the code", request)


def _same(reviewer: str, author: str, mail: str) -> bool:
    name, _, told = reviewer.partition("<")
    told = told.rstrip("> ").lower()
    return told == mail.lower() if told else name.strip().lower() == author.lower()
