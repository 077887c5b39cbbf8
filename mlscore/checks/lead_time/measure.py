"""Lead times of features: from the first line that names them, or the day they were proposed, to production."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from mlscore.checks.lead_time.history import Added, History
from mlscore.checks.lead_time.names import ENDINGS, names_in
from mlscore.checks.lead_time.releases import Release, registered, tagged
from mlscore.errors import ConfigError, InputError

DAY = 86400
_EARLIEST = 631_152_000  # 1990: whoever wrote a feature before had no clock that was set
_SLACK = 60  # seconds by which clocks of two machines may differ


@dataclass(frozen=True, slots=True)
class Places:
    """Where features are named: a schema file that lists them, and paths of code. One of the two at least."""

    schema: str | None = None
    code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Production:
    """What counts as production: tags by pattern, a branch, a registry file (and its stages); the first that is reached."""

    tags: tuple[str, ...] = ()
    branch: str | None = None
    registry: str | None = None
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadTime:
    """One feature: when it began (and by which commit), when it reached production (and by what); `days` in between.

    Of a feature that is not in production `days` is its age, and `reached` is None. Times are in UTC.
    """

    name: str
    began: datetime
    commit: str
    days: float
    reached: datetime | None = None
    release: str | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has not reached production."""
        return self.reached is None


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """The features that could be measured, the slowest first, and what could not be judged. Days are days of 24 hours.

    `history` is how many days the repository goes back.
    """

    features: tuple[LeadTime, ...]
    not_judged: tuple[str, ...] = ()
    history: float = 0.0
    median_limit: float | None = None
    worst_limit: float | None = None

    @property
    def median(self) -> float | None:
        """The median of those that reached production."""
        return median(done) if (done := [one.days for one in self.features if not one.waiting]) else None

    @property
    def least_median(self) -> float | None:
        """The median when every feature that waits reached production this moment: the true one cannot be less."""
        return median([one.days for one in self.features]) if self.features else None

    @property
    def worst(self) -> LeadTime | None:
        """The slowest, be it in production or waiting."""
        return max(self.features, key=lambda one: one.days, default=None)

    @property
    def failures(self) -> tuple[str, ...]:
        """Which limit is not kept, a line each."""
        said = []
        if self.median_limit is not None:
            if self.median is not None and self.median > self.median_limit:
                said.append(f"the median is {self.median:.1f} days, the limit {self.median_limit:g}")
            elif self.least_median is not None and self.least_median > self.median_limit:
                waiting = f"with those that wait it is {self.least_median:.1f} days at least"
                said.append(f"the median: {waiting}, the limit {self.median_limit:g}")
        if self.worst_limit is not None:
            for one in self.features:
                if one.days > self.worst_limit:
                    what = "has waited" if one.waiting else "took"
                    said.append(f"{one.name} {what} {one.days:.1f} days, the limit is {self.worst_limit:g}")
        return tuple(said)

    @property
    def passed(self) -> bool:
        """Whether every limit is kept."""
        return not self.failures

    @property
    def hollow(self) -> str | None:
        """Why it could not have failed; None when it could."""
        limits = [one for one in (self.median_limit, self.worst_limit) if one is not None]
        if not limits:
            return "no limit is set"
        if self.median is None:
            return "no lead time could be measured"
        if min(limits) >= self.history:
            return f"the limit of {min(limits):g} days is longer than the whole history of {self.history:.0f} days"
        return None


def measure_lead_times(
    root: Path,
    places: Places,
    production: Production,
    *,
    today: date,
    names: Sequence[str] = (),
    proposed: Mapping[str, date] | None = None,
    renamed: Mapping[str, Sequence[str]] | None = None,
    window: int | None = None,
    median_limit: float | None = None,
    worst_limit: float | None = None,
) -> LeadTimes:
    """Measure every feature of the schema in the checked-out commit, and those in `names`.

    A feature begins with the first commit of any branch whose lines name it (in a schema: whose version lists it), by
    the time of writing, or on the day in `proposed`; it reaches production with the first release that holds it.
    `renamed` gives earlier names. `window` leaves out what reached production more than so many days ago.
    Raises InputError when git cannot answer, nothing matches, or a path is not in the checked-out commit.
    """
    if places.schema is None and not places.code:
        raise ConfigError("nothing says where features are named", hint="give a schema or paths of code")
    if not production.tags and production.branch is None and production.registry is None:
        raise ConfigError("nothing says what production is", hint="give tags, branch or registry")
    history = History(root)
    search = _Search(history, places, renamed or {})
    wanted = search.wanted(names)
    ends = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()) + DAY
    first = search.first(wanted)
    reached, unknown = search.reached(wanted, production, root)
    oldest = history.began()
    found: list[LeadTime] = []
    for name in wanted:
        began = first.get(name)
        if began is None:
            unknown.append(f"{name}: no commit names it")
            continue
        made = _lead(name, began, reached.get(name), (proposed or {}).get(name), history, oldest, ends)
        if isinstance(made, str):
            unknown.append(f"{name}: {made}")
        elif window is None or made.reached is None or made.reached.timestamp() >= ends - window * DAY:
            found.append(made)
    found.sort(key=lambda one: (-one.days, one.name))
    span = max(0.0, (ends - oldest) / DAY)
    return LeadTimes(tuple(found), tuple(unknown), span, median_limit, worst_limit)


def _lead(
    name: str, began: Added, release: Release | None, proposed: date | None, history: History, oldest: int, ends: int
) -> LeadTime | str:
    """One lead time; as text, why it cannot be told."""
    if began.commit in history.boundary and proposed is None:
        return "it is in the oldest commit of a shallow clone; fetch the rest: git fetch --unshallow"
    start = began.written
    if start < max(oldest - DAY, _EARLIEST):
        return f"its commit {began.commit[:7]} is dated {_moment(start).date()}, before the repository began"
    if proposed is not None:
        start = min(start, int(datetime(proposed.year, proposed.month, proposed.day, tzinfo=UTC).timestamp()))
    if start > ends + DAY:
        return f"its commit {began.commit[:7]} is dated {_moment(start).date()}, which is still to come"
    if release is None:
        return LeadTime(name, _moment(start), began.commit, max(0.0, (ends - start) / DAY))
    if release.at > ends + DAY:
        return f"{release.name} is dated {_moment(release.at).date()}, which is still to come"
    if release.at < start - _SLACK:
        dates = f"{_moment(release.at).date()} and {_moment(start).date()}"
        return f"dates out of order: {release.name} holds it before its commit {began.commit[:7]} was written ({dates})"
    days = max(0, release.at - start) / DAY
    return LeadTime(name, _moment(start), began.commit, days, _moment(release.at), release.name)


class _Search:
    """Where and under which names features are looked for."""

    def __init__(self, history: History, places: Places, renamed: Mapping[str, Sequence[str]]) -> None:
        self.history = history
        self.renamed = renamed
        self.schema = None if places.schema is None else history.path(places.schema)
        self.code = tuple(history.path(path) for path in places.code)
        if self.schema is not None and not self.schema.lower().endswith(ENDINGS):
            hint = f"name one that ends with {', '.join(ENDINGS)}, or give the file as code"
            raise ConfigError("not a schema whose features can be listed", where=places.schema, hint=hint)
        self.schemas = () if self.schema is None else history.former([self.schema])
        self.paths = tuple(dict.fromkeys((*self.schemas, *(history.former(self.code) if self.code else ()))))
        self._listed: dict[tuple[str, str], frozenset[str] | None] = {}
        self._ancestors: dict[tuple[str, str], bool] = {}

    def wanted(self, names: Sequence[str]) -> tuple[str, ...]:
        """The features to be measured. Raises InputError when there is none."""
        found = list(names)
        if self.schema is not None:
            listed = self._names(self.history.head, self.schema)
            if listed is None:
                what = "it cannot be read as what its ending says"
                raise InputError(what, where=self.schema, hint="mend it, or give the file as code")
            found += sorted(listed)
        if not found:
            raise InputError("no feature is named", where=self.schema, hint="list them in the schema, or give features")
        return tuple(dict.fromkeys(found))

    def first(self, wanted: Sequence[str]) -> dict[str, Added]:
        """The commit with which each feature began: the earliest written of those that build on no other that names it.

        A later commit that touches the line again may have any date, even one of a clock that was never set.
        """
        words = {word: name for name in wanted for word in self._words(name)}
        found: dict[str, Added] = {}
        earlier: dict[str, list[Added]] = {}
        additions = self.history.added(words, self.paths)
        self._read_firsts(additions)
        for one in additions:
            name = words[one.name]
            before = found.get(name)
            if before is None or one.written < before.written:
                # Rarely asked: only of a commit that is dated before all that came before it.
                again = any(self._builds_on(one, other) for other in earlier.get(name, ()))
                if not again and self._holds(one):
                    found[name] = one
            if name in found:
                earlier.setdefault(name, []).append(one)
        return found

    def _builds_on(self, later: Added, earlier: Added) -> bool:
        pair = (later.commit, earlier.commit)
        if pair not in self._ancestors:
            self._ancestors[pair] = self.history.builds_on(*pair)
        return self._ancestors[pair]

    def reached(
        self, wanted: Sequence[str], production: Production, root: Path
    ) -> tuple[dict[str, Release], list[str]]:
        """The first release that holds each feature, and what of the releases could not be judged."""
        releases: list[Release] = []
        unknown: list[str] = []
        if production.tags:
            releases += tagged(self.history, production.tags)
        if production.registry is not None:
            versions, unjudged = registered(self.history, root / production.registry, root, production.stages)
            releases += versions
            unknown += unjudged
        found = self._in_releases(wanted, sorted(releases, key=lambda release: release.at))
        if production.branch is not None:
            for name, release in self._on_branch(wanted, production.branch).items():
                if name not in found or release.at < found[name].at:
                    found[name] = release
        return found, unknown

    def _in_releases(self, wanted: Sequence[str], releases: Sequence[Release]) -> dict[str, Release]:
        if not releases:
            return {}
        by_word = {word: name for name in wanted for word in self._words(name)}
        found: dict[str, Release] = {}
        held: dict[str, set[str]] = {}
        if self.schema is not None:
            pairs = [(release.commit, path) for release in releases for path in self.schemas]
            parsed: dict[tuple[str, str], frozenset[str] | None] = {}
            for pair, text in self.history.texts(pairs).items():
                key = (pair[1], text)
                if key not in parsed:
                    parsed[key] = names_in(pair[1], text)
                held.setdefault(pair[0], set()).update(parsed[key] or ())
        elif self.code:
            commits = list(dict.fromkeys(release.commit for release in releases))
            for some in self.history.named_at(commits, list(by_word), self.paths):
                held |= some
                if {by_word[word] for words in held.values() for word in words} >= set(wanted):
                    break
        for release in releases:
            for word in held.get(release.commit, ()):
                if word in by_word:
                    found.setdefault(by_word[word], release)
        return found

    def _on_branch(self, wanted: Sequence[str], branch: str) -> dict[str, Release]:
        ref = self.history.branch(branch)
        words = {word: name for name in wanted for word in self._words(name)}
        paths = self.schemas if self.schema is not None else self.paths
        found: dict[str, Release] = {}
        additions = self.history.arrived(ref, words, paths)[::-1]
        self._read_firsts(additions)
        for one in additions:
            name = words[one.name]
            if name not in found and self._holds(one):
                found[name] = Release(f"branch {branch} at {one.commit[:7]}", one.commit, one.committed)
        return found

    def _holds(self, added: Added) -> bool:
        """Whether a schema's version really lists what a line in it names, and not in a remark; code is taken as it is."""
        if added.path not in self.schemas or any(added.path.startswith(f"{path}/") for path in self.code):
            return True
        listed = self._names(added.commit, added.path)
        return listed is None or added.name in listed

    def _read_firsts(self, additions: Sequence[Added]) -> None:
        """Read in one call the versions of the schema that are most likely asked for: the first that name each feature."""
        firsts: dict[str, tuple[str, str]] = {}
        for one in additions:
            if one.path in self.schemas:
                firsts.setdefault(one.name, (one.commit, one.path))
        wanted = [pair for pair in dict.fromkeys(firsts.values()) if pair not in self._listed]
        for pair, text in self.history.texts(wanted).items():
            self._listed[pair] = names_in(pair[1], text)

    def _names(self, commit: str, path: str) -> frozenset[str] | None:
        if (commit, path) not in self._listed:
            text = self.history.text(commit, path)
            self._listed[commit, path] = None if text is None else names_in(path, text)
        return self._listed[commit, path]

    def _words(self, name: str) -> tuple[str, ...]:
        return (name, *self.renamed.get(name, ()))


def _moment(seconds: int) -> datetime:
    # Years that the calendar lacks come from broken commits.
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(0, min(seconds, 253_000_000_000)))
