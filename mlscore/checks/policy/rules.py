"""The policy: what may be a feature, of which source, for which purpose, and with whose name on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from mlscore.checks.policy.features import Feature
from mlscore.checks.spec import Section, read_spec
from mlscore.core.evidence import Location
from mlscore.errors import ConfigError

FACTS = ("owner", "source")
RULES = ("banned", "deprecated", "required", "protected", "purpose", "proxy")
THRESHOLD = 0.3


@dataclass(frozen=True, slots=True)
class Match:
    """Which features a rule is about: by name, source or tag, where `*` and `?` stand for letters; case does not count.

    A tag is matched as "name=value". All that is said must fit.
    """

    feature: str | None = None
    source: str | None = None
    tag: str | None = None

    def fits(self, feature: Feature) -> bool:
        """Whether the rule is about the feature; by source or tag it is not about one of which these are unknown."""
        by_name = self.feature is None or any(_like(name, self.feature) for name in feature.names)
        by_source = self.source is None or (feature.source is not None and _like(feature.source, self.source))
        tags = [f"{name}={value}" for name, value in feature.tags.items()]
        return by_name and by_source and (self.tag is None or any(_like(tag, self.tag) for tag in tags))


@dataclass(frozen=True, slots=True)
class Banned:
    """What must not be used, and why."""

    match: Match
    reason: str


@dataclass(frozen=True, slots=True)
class Deprecated:
    """What must not be used from a day on, and what takes its place."""

    match: Match
    on: date
    replacement: str


@dataclass(frozen=True, slots=True)
class Restricted:
    """What may be used for some purposes alone."""

    match: Match
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excepted:
    """A feature that may break one rule until a day, included; who granted it and why."""

    feature: str
    rule: str
    reason: str
    owner: str
    expires: date
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Every rule. `threshold` is the association, from 0 to 1, beyond which a feature is a proxy of what is protected."""

    banned: tuple[Banned, ...] = ()
    deprecated: tuple[Deprecated, ...] = ()
    restricted: tuple[Restricted, ...] = ()
    required: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    threshold: float = THRESHOLD
    exceptions: tuple[Excepted, ...] = ()

    @property
    def rules(self) -> int:
        """How many rules there are; 0 for a policy that allows everything."""
        rules = (self.banned, self.deprecated, self.restricted, self.required, self.protected)
        return sum(len(some) for some in rules)


def read_policy(path: Path, root: Path) -> Policy:
    """The policy of a TOML file.

    Raises ConfigError, with the line, when it cannot be read, for unknown keys, values of a wrong type, and for a rule
    that names nothing it is about.
    """
    top = read_spec(path, root)
    require = top.texts("require")
    for word in require:
        if word not in FACTS:
            known = " and ".join(FACTS)
            raise ConfigError(f'"{word}" cannot be required', where=top.at("require"), hint=f"known are {known}")
    banned = tuple(_banned(one) for one in top.tables("banned"))
    deprecated = tuple(_deprecated(one) for one in top.tables("deprecated"))
    restricted = tuple(_restricted(one) for one in top.tables("restricted"))
    protected, threshold = _protected(top.table("protected"))
    exceptions = tuple(_excepted(one) for one in top.tables("exception"))
    top.done()
    return Policy(banned, deprecated, restricted, tuple(dict.fromkeys(require)), protected, threshold, exceptions)


def _match(section: Section) -> Match:
    match = Match(section.text("feature"), section.text("source"), section.text("tag"))
    if match == Match():
        raise ConfigError(
            "the rule does not say what it is about", where=section.at(), hint='add feature, source or tag = "…"'
        )
    return match


def _banned(section: Section) -> Banned:
    made = Banned(_match(section), section.needed("reason", "why it must not be used"))
    section.done()
    return made


def _deprecated(section: Section) -> Deprecated:
    match, on = _match(section), section.day("date")
    if on is None:
        what = "the day from which it must not be used"
        raise ConfigError('"date" is missing in [[deprecated]]', where=section.at(), hint=f"add date = …: {what}")
    made = Deprecated(match, on, section.needed("replacement", "what to use instead"))
    section.done()
    return made


def _restricted(section: Section) -> Restricted:
    made = Restricted(_match(section), section.texts("purposes"))
    if "purposes" not in section:
        hint = "add purposes = […]: what it may be used for"
        raise ConfigError('"purposes" is missing in [[restricted]]', where=section.at(), hint=hint)
    section.done()
    return made


def _protected(section: Section | None) -> tuple[tuple[str, ...], float]:
    if section is None:
        return (), THRESHOLD
    attributes, threshold = section.texts("attributes"), section.number("threshold", 0, 1)
    section.done()
    if not attributes:
        raise ConfigError("[protected] names no attributes", where=section.at(), hint="add attributes = […]")
    return tuple(dict.fromkeys(attributes)), THRESHOLD if threshold is None else threshold


def _excepted(section: Section) -> Excepted:
    expires = section.day("expires")
    if expires is None:
        hint = "add expires = …: the last day on which it holds"
        raise ConfigError('"expires" is missing in [[exception]]', where=section.at(), hint=hint)
    made = Excepted(
        feature=section.needed("feature", "the feature's whole name"),
        rule=section.choice("rule", RULES) or section.needed("rule", f"one of {', '.join(RULES)}"),
        reason=section.needed("reason", "why it may"),
        owner=section.needed("owner", "who granted it"),
        expires=expires,
        location=section.at(),
    )
    section.done()
    return made


def _like(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())
