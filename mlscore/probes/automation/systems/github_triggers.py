"""GitHub Actions: what starts a workflow by itself, and which branches and tags its runs are for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.probes.automation.conditions import USUAL, Family, OneOf, Value
from mlscore.probes.automation.path_filters import github_glob, passes, reaches_code
from mlscore.probes.automation.runs import shown
from mlscore.probes.automation.yaml_file import Map, Node, is_null, maps, texts

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

_REVIEWS = ("pull_request", "pull_request_target")
# The types of a pull request's events that bring code to look at. When one is closed, merged or not, its tests come too
# late for anybody to heed them; labels and the like a person sets by hand.
_WITH_CODE = frozenset(
    {"opened", "reopened", "synchronize", "ready_for_review", "review_requested", "auto_merge_enabled", "enqueued"}
)
SELF_STARTING = ("push", "pull_request", "pull_request_target", "merge_group", "schedule")
_EVERYTHING = frozenset({"**", "*"})
_SPECIAL = re.compile(r"[*?+\[!\\]")
Patterns = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a workflow: the word for it, and the filters of branches and tags (None: there is none)."""

    word: str
    branches: Patterns = None
    branches_ignored: Patterns = None
    tags: Patterns = None
    tags_ignored: Patterns = None


def events_of(workflow: Map, tree: Tree) -> tuple[dict[str, Trigger], dict[str, str | None]]:
    """The events that start a workflow by themselves; and its other events, with what keeps them from it, if known."""
    node = workflow.get("on", workflow.get("true"))
    configs: dict[str, Node | None] = dict(node) if isinstance(node, Map) else {str(t): None for t in texts(node)}
    live: dict[str, Trigger] = {}
    other: dict[str, str | None] = {}
    for event, config in configs.items():
        found = _trigger(event, config, tree) if event in SELF_STARTING else None
        if isinstance(found, Trigger):
            live[event] = found
        else:
            other[event] = found
    return live, other


def _trigger(event: str, config: Node | None, tree: Tree) -> Trigger | str:
    """The trigger, or why its own filters keep it from ever acting on the code."""
    never = f"the filters of `{event}` never let it start"
    if event == "schedule":
        crons = [entry.text("cron") for entry in maps(config)]
        return Trigger("schedule") if any(cron and not is_null(cron) for cron in crons) else never
    if not isinstance(config, Map):
        return Trigger(event)
    if _EVERYTHING & set(texts(config.get("branches-ignore"))) or _EVERYTHING & set(texts(config.get("paths-ignore"))):
        return never
    if event in _REVIEWS and "types" in config and not _WITH_CODE & set(texts(config["types"])):
        named = ", ".join(map(str, texts(config["types"])))
        return f"`types` of `{event}` ({shown(named)}) has none that comes with code to review"
    paths, ignored = texts(config.get("paths")), texts(config.get("paths-ignore"))
    if paths and not reaches_code(tree, lambda path: passes(paths, path, github_glob)):
        return f"`paths` of `{event}` match no Python file of the repository"
    if ignored and not reaches_code(tree, lambda path: not passes(ignored, path, github_glob)):
        return f"`paths-ignore` of `{event}` leaves out every Python file of the repository"
    found = Trigger(event, *(_patterns(config, key) for key in ("branches", "branches-ignore", "tags", "tags-ignore")))
    if event == "push" and _kinds(found) == ("tag",):
        return Trigger("push of tags", tags=found.tags, tags_ignored=found.tags_ignored)
    return found


def _patterns(config: Map, key: str) -> Patterns:
    return tuple(map(str, texts(config[key]))) if key in config else None


def _kinds(trigger: Trigger) -> tuple[str, ...]:
    """What a push may be of: a filter of one kind alone shuts out the other."""
    heads = trigger.branches is not None or trigger.branches_ignored is not None
    tags = trigger.tags is not None or trigger.tags_ignored is not None
    return ("branch", "tag") if heads == tags else ("branch",) if heads else ("tag",)


def ref_of(event: str, trigger: Trigger, path: str) -> Value:
    """The values of `github.ref`, `ref_name`, `ref_type`, `base_ref` and `head_ref` in a run for this event."""
    review = event in _REVIEWS
    if path == "head_ref":
        return USUAL if review else ""
    if path == "base_ref":
        return _value(_options("", trigger.branches, trigger.branches_ignored)) if review else ""
    kinds = _kinds(trigger) if event == "push" else ("branch",)
    if path == "ref_type":
        return _value(kinds)
    full = path == "ref"
    if event == "pull_request":
        return "refs/pull/0/merge" if full else "0/merge"
    options: tuple[str | Family, ...] = ()
    if event == "merge_group":
        options = _options("refs/heads/gh-readonly-queue/" if full else "gh-readonly-queue/", None, None)
    elif "branch" in kinds:
        options = _options("refs/heads/" if full else "", trigger.branches, trigger.branches_ignored)
    if "tag" in kinds:
        options += _options("refs/tags/" if full else "", trigger.tags, trigger.tags_ignored)
    return _value(options)


def _options(start: str, patterns: Patterns, ignored: Patterns) -> tuple[str | Family, ...]:
    """The names that filters leave, each with `start` in front of it."""
    if patterns is None:
        return (Family(start, lambda text: not passes(ignored or (), text[len(start) :], github_glob)),)
    if not any(_SPECIAL.search(pattern) for pattern in patterns):
        return tuple(start + pattern for pattern in patterns)

    def fits(text: str) -> bool:
        return passes(patterns, text[len(start) :], github_glob)

    return tuple(Family(start + _plain_part(pattern), fits) for pattern in patterns if not pattern.startswith("!"))


def _plain_part(pattern: str) -> str:
    """What every name that the pattern matches begins with; `?` and `+` speak of the character before them."""
    match = _SPECIAL.search(pattern)
    if match is None:
        return pattern
    return pattern[: max(match.start() - (match[0] in "?+"), 0)]


def _value(options: tuple[str | Family, ...]) -> Value:
    return options[0] if len(options) == 1 and isinstance(options[0], str) else OneOf(options) if options else USUAL
