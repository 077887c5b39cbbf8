"""GitLab CI: which jobs of `.gitlab-ci.yml` start by themselves, and the pytest runs in them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.conditions import (
    ALWAYS,
    AT_TIMES,
    NEVER,
    PERSON,
    UNKNOWABLE,
    UNSURE,
    USUAL,
    WORDS,
    Doubt,
    Value,
    weigh,
)
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.path_filters import folder_glob, reaches_code
from mlscore.probes.automation.runs import UNKNOWN, resolve, shown
from mlscore.probes.automation.systems.base import Reader, workspace
from mlscore.probes.automation.systems.gitlab_config import Configuration
from mlscore.probes.automation.systems.gitlab_waiting import Order, Start
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, is_false, is_true, maps, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlscore.core.evidence import Location
    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FILE = ".gitlab-ci.yml"
MAX_JOBS_OF_ONE = 32
SOURCES = {"push": "push", "merge_request_event": "merge request", "schedule": "schedule"}
# The words of `only` and `except` that mean a pipeline's source.
_REFS = {
    "push": frozenset({"branches", "pushes", "tags"}),
    "merge_request_event": frozenset({"merge_requests"}),
    "schedule": frozenset({"schedules", "branches"}),
}
_KEYWORDS = frozenset(
    {
        "branches", "pushes", "tags", "merge_requests", "schedules", "web", "api", "triggers", "pipelines", "external",
        "external_pull_requests", "chat",
    }
)  # fmt: skip
# A variable that the file does not set is unset, unless someone sets it elsewhere.
_UNSET = Doubt(UNSURE, UNSURE, AT_TIMES, UNSURE)
_WORDS = frozenset({"CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION", "CI_MERGE_REQUEST_LABELS"})


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's GitLab pipeline."""
    reader = _GitLab(engine)
    reader.pipeline(FILE, {source: (word,) for source, word in SOURCES.items()}, (), None, ())
    return list(reader.runs.values())


class _GitLab(Reader):
    system = "GitLab CI"
    environment: ClassVar[Mapping[str, str]] = {"GITLAB_CI": "true", **workspace("CI_PROJECT_DIR")}

    def pipeline(
        self,
        path: str,
        sources: Mapping[str, tuple[str, ...]],
        chain: tuple[Location, ...],
        why_not: str | None,
        stack: tuple[str, ...],
    ) -> None:
        """Adds the runs of one pipeline file; `sources` gives the words for what starts it."""
        if path in stack or len(stack) > 4:
            return
        configuration = Configuration(self, path, lambda entry: self._left_out(entry, {}))
        top = configuration.top
        if top is None:
            return
        variables = _variables(top.map("variables"), {})
        rules = top.map("workflow").get("rules")
        begun: dict[str, tuple[str, ...]] = {}
        refused = why_not
        for source, words in sources.items():
            start = self._rules(configuration.items(rules), source, variables, None)
            if rules is None or start.why_not is None:
                begun[source] = words
            else:
                refused = refused or f"`workflow: rules` keep it from starting ({start.why_not})"
        jobs = dict(configuration.jobs)
        own = {
            name: _variables(configuration.map(job.get("variables")) or job.map("variables"), variables)
            for name, job in jobs.items()
        }
        starts = {
            source: {name: self._start(configuration, job, source, own[name]) for name, job in jobs.items()}
            for source in begun
        }
        order = Order(texts(top.get("stages")), jobs)
        why = why_not or (None if begun else refused)
        for name, job in jobs.items():
            found: dict[str, Start] = {}
            for source in begun:
                start = starts[source][name]
                waits = order.waits(name, starts[source]) if start.why_not is None else None
                found[source] = Start(waits) if waits else start
            self._job(configuration, job, own[name], begun, found, chain, why, (*stack, path))

    def _job(
        self,
        configuration: Configuration,
        job: Map,
        own: Mapping[str, str],
        sources: Mapping[str, tuple[str, ...]],
        starts: Mapping[str, Start],
        chain: tuple[Location, ...],
        why_not: str | None,
        stack: tuple[str, ...],
    ) -> None:
        words: list[str] = []
        whys: list[str] = []
        for source, labels in sources.items():
            start = starts[source]
            if start.why_not is None and not start.may_fail:
                if source != "schedule" or _mentions_schedule(configuration, job) or len(sources) == 1:
                    tags = source == "push" and _of_tags(configuration, job)
                    words.extend(("push of tags",) if tags else labels)
            else:
                whys.append(start.why_not or "failure swallowed by `allow_failure`")
        # The reason that tells most is the one that some rule of the job gives.
        why = why_not or (None if words else min(whys, key=_dullness, default="nothing starts it by itself"))
        if "trigger" in job:
            self._child(configuration, job, words, chain, why, stack)
            return
        pieces = configuration.pieces(configuration.default(job, "before_script"))
        pieces += configuration.pieces(configuration.default(job, "script"))
        after = configuration.pieces(configuration.default(job, "after_script"))
        for combination in _combinations(job):
            env = {**own, **combination}
            leads = self.script(pieces, Shell(errexit=True, pipefail=True), "", env)
            self.add([lead.after(chain) for lead in leads], words, why)
            late = self.script(after, Shell(errexit=True, pipefail=True), "", env) if after else []
            self.add(
                [lead.after(chain) for lead in late], words, why or "a failure in `after_script` counts for nothing"
            )

    def _child(
        self,
        configuration: Configuration,
        job: Map,
        words: list[str],
        chain: tuple[Location, ...],
        why_not: str | None,
        stack: tuple[str, ...],
    ) -> None:
        """Follows a job that starts a pipeline of another file of the repository."""
        trigger = job.map("trigger")
        include = trigger.get("include")
        depends = trigger.text("strategy") in ("depend", "mirror")
        why = why_not or (None if depends else "its pipeline is started without `strategy: depend`")
        places = [entry.text("local") for entry in maps(include)] + [*texts(include)]
        for place in places:
            path = resolve("", place.lstrip("/")) if place else None
            if path is None or place is None:
                self.engine.tell("ci-not-followed", "the pipeline that it starts is not followed", job.at("trigger"))
                continue
            self.pipeline(
                path, {"parent_pipeline": tuple(words)} if words else {}, (*chain, place.location), why, stack
            )

    # -- conditions ---------------------------------------------------------------------------------------------------

    def _start(self, configuration: Configuration, job: Map, source: str, variables: Mapping[str, str]) -> Start:
        soft = _may_fail(job)
        rules = configuration.items(job.get("rules"))
        if "rules" in job:
            return self._rules(rules, source, variables, job)
        when = str(job.get("when", "on_success"))
        if when in ("manual", "never", "on_failure"):
            # One that only some branches have blocks those alone.
            general = "only" not in job or any(ref in _KEYWORDS for ref in _policy(job.get("only"))[0])
            there = self._only(job, source, variables) is None
            return Start(
                _WHEN[when],
                manual=when == "manual" and there,
                blocks=when == "manual" and there and general and is_false(job.get("allow_failure")),
            )
        if "only" in job or "except" in job:
            return Start(self._only(job, source, variables), soft)
        if source == "merge_request_event":
            return Start("nothing lets it run for merge requests")
        return Start(None, soft)

    def _rules(
        self,
        rules: list[Node],
        source: str,
        variables: Mapping[str, str],
        job: Map | None,
    ) -> Start:
        why: str | None = None
        manual = False
        for rule in rules:
            if not isinstance(rule, Map):
                continue
            weight, text = self._weigh(rule, source, variables)
            if weight != NEVER and (
                refused := self._unchanged(rule.get("changes"), source if job is not None else "push")
            ):
                why = why or f"`rules: changes` {refused}"
                continue
            fallback = job.get("when", "on_success") if job is not None else "on_success"
            when = str(rule.get("when", fallback))
            if weight == NEVER:
                continue
            if when in ("never", "manual", "on_failure"):
                why = why or (_WHEN[when] if when != "never" or job is None else f"`{text}` has `when: never`")
                manual = manual or when == "manual"
                if weight == ALWAYS:
                    return Start(why, manual=manual, blocks=when == "manual" and not _soft_rule(rule, job))
                continue
            if weight == UNSURE:
                why = why or f"`{text}` is not known to hold"
                continue
            return Start(None, _soft_rule(rule, job))
        return Start(why or "no rule lets it run", manual=manual)

    def _unchanged(self, node: Node | None, source: str) -> str | None:
        """What `changes` lack to let a push of code start the job; a schedule has no changes and passes them all."""
        found = texts(node.get("paths") if isinstance(node, Map) else node)
        if not found or source == "schedule" or any("$" in pattern for pattern in found):
            return None
        globs = [folder_glob(pattern) for pattern in found]
        code = reaches_code(self.tree, lambda path: any(glob.fullmatch(path) for glob in globs))
        return None if code else "match no Python file of the repository"

    def _weigh(self, rule: Map, source: str, variables: Mapping[str, str]) -> tuple[int, str]:
        condition = rule.text("if")
        weight = ALWAYS
        if condition is not None:
            weight = weigh(condition, lambda name: _look(name, source, variables), lambda name, args: UNKNOWABLE)
        if "changes" in rule or "exists" in rule:
            weight = min(weight, AT_TIMES)
        text = f"if: {shown(condition)}" if condition is not None else "rules"
        return weight, text

    def _left_out(self, entry: Map, variables: Mapping[str, str]) -> bool:
        rules = list(maps(entry.get("rules")))
        return bool(rules) and all(
            str(rule.get("when", "")) == "never" or self._weigh(rule, "push", variables)[0] == NEVER for rule in rules
        )

    def _only(self, job: Map, source: str, variables: Mapping[str, str]) -> str | None:
        """Why `only` and `except` keep a job from running for a source, or None."""
        only, refused = job.get("only"), job.get("except")
        refs, conditions = _policy(only)
        # Without a word about them, these refs are meant.
        named = list(map(str, refs)) or (["branches", "tags"] if isinstance(only, Map) else [])
        if "only" in job and not _matches(named, source):
            return f"`only: {', '.join(named)}` does not let it run by itself"
        if isinstance(only, Map) and (missing := self._unchanged(only.get("changes"), source)):
            return f"`only: changes` {missing}"
        if isinstance(refused, Map) and source != "schedule" and (changes := texts(refused.get("changes"))):
            globs = [folder_glob(pattern) for pattern in changes]
            if not reaches_code(self.tree, lambda path: not any(glob.fullmatch(path) for glob in globs)):
                return "`except: changes` keeps every Python file of the repository from starting it"
        if "only" not in job and source == "merge_request_event":
            return "nothing lets it run for merge requests"
        weights = [
            weigh(c, lambda name: _look(name, source, variables), lambda name, args: UNKNOWABLE) for c in conditions
        ]
        if weights and max(weights) < AT_TIMES:
            return f"`only: variables: {shown(conditions[0])}` is not known to hold"
        refs, _ = _policy(refused)
        known = [ref for ref in refs if ref in _KEYWORDS]
        if any(ref in _REFS[source] and ref != "tags" for ref in known if source in _REFS):
            return f"`except: {', '.join(refs)}` keeps it from running"
        return None


_WHEN = {
    "manual": "manual trigger only (`when: manual`)",
    "never": "`when: never`",
    "on_failure": "runs only on failure",
}


def _policy(node: object) -> tuple[list[Text], list[Text]]:
    if isinstance(node, Map):
        return texts(node.get("refs")), texts(node.get("variables"))
    return (texts(node) if isinstance(node, Items | Text) else []), []


def _of_tags(configuration: Configuration, job: Map) -> bool:
    """Whether only a push of a tag starts a job that a push starts."""
    if "rules" not in job:
        refs = set(_policy(job.get("only"))[0])
        return bool(refs) and refs <= {"tags"} | (_KEYWORDS - {"branches", "pushes"})
    rules = [rule for rule in configuration.items(job.get("rules")) if isinstance(rule, Map)]
    kept = [rule for rule in rules if str(rule.get("when", "")) not in ("never", "manual")]
    return bool(kept) and all(str(rule.get("if", "")).strip() in _TAG for rule in kept)


_TAG = frozenset({"$CI_COMMIT_TAG", "$CI_COMMIT_TAG != null", '$CI_COMMIT_TAG != ""'})


def _soft_rule(rule: Map, job: Map | None) -> bool:
    """Whether the job may fail, or be left alone when it is manual, where this rule lets it run."""
    own = "allow_failure" not in rule and job is not None and _may_fail(job)
    return own or is_true(rule.get("allow_failure"))


def _matches(refs: Iterable[str], source: str) -> bool:
    for ref in refs:
        word = ref.partition("@")[0]
        if word in _REFS.get(source, ()):
            return True
        if word not in _KEYWORDS and source == "push":
            return True
    return False


def _may_fail(job: Map) -> bool:
    soft = job.get("allow_failure")
    if isinstance(soft, Map):
        return "1" in texts(soft.get("exit_codes"))
    return is_true(soft) and not is_false(soft)


def _dullness(why: str) -> int:
    """Generic reasons come last."""
    if why == "nothing lets it run for merge requests":
        return 2
    return int(why == "no rule lets it run" or why.endswith("does not let it run by itself"))


def _mentions_schedule(configuration: Configuration, job: Map) -> bool:
    rules = [str(rule.get("if", "")) for rule in configuration.items(job.get("rules")) if isinstance(rule, Map)]
    return any("schedule" in text for text in [*rules, *_policy(job.get("only"))[0]])


def _variables(node: Map, before: Mapping[str, str]) -> dict[str, str]:
    """Variables with their values; what they take from others that are not known stays unknown."""
    found = dict(before)
    for name, value in node.items():
        text = value.text("value") if isinstance(value, Map) else value
        if isinstance(text, Text):
            found[name] = _REFERENCE.sub(lambda match: found.get(match[1] or match[2], UNKNOWN), text)
    return found


_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def _combinations(job: Map) -> Iterator[dict[str, str]]:
    """The variables that `parallel: matrix` gives each of the job's runs."""
    entries = list(maps(job.map("parallel").get("matrix")))
    if not entries:
        yield {}
    for entry in entries:
        names = list(entry)
        values = [[str(text) for text in texts(entry[name])] for name in names]
        for combination in itertools.islice(itertools.product(*values), MAX_JOBS_OF_ONE):
            yield dict(zip(names, combination, strict=True))


def _look(name: str, source: str, variables: Mapping[str, str]) -> Value:
    """What a variable of a condition is in a pipeline that this source starts."""
    name = name.strip("${}")
    review = source == "merge_request_event"
    if name == "CI_PIPELINE_SOURCE":
        return source
    if name in variables:
        return UNKNOWABLE if UNKNOWN in variables[name] else variables[name]
    if name in ("CI", "GITLAB_CI"):
        return "true"
    if name in ("CI_COMMIT_BRANCH", "CI_COMMIT_TAG"):
        return None if review or (name == "CI_COMMIT_TAG" and source == "schedule") else USUAL
    if name.endswith("_TITLE") or name in _WORDS:
        return WORDS
    if name.startswith("CI_MERGE_REQUEST_"):
        return USUAL if review else None
    if name.startswith("GITLAB_USER_"):
        return PERSON
    return USUAL if name.startswith("CI_") else _UNSET
