"""Features as a policy sees them: name, owner, source, tags and purposes, from a list that people keep in TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from mlscore.checks.spec import Section, read_spec
from mlscore.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a model. `view` is the feature view that holds it, `origin` the place that names it.

    `purposes` None says that nothing is said of them. `proposed` is the day on which it was thought of.
    """

    name: str
    view: str | None = None
    owner: str | None = None
    source: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    purposes: tuple[str, ...] | None = None
    proposed: date | None = None
    origin: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which data may hold it: its own, and with its view before it."""
        return (self.name,) if self.view is None else (self.name, f"{self.view}__{self.name}")


@dataclass(frozen=True, slots=True)
class FeatureList:
    """The features that one place names, and what in it could not be judged, a line each."""

    features: tuple[Feature, ...]
    not_judged: tuple[str, ...] = ()


def read_feature_list(path: Path, root: Path) -> FeatureList:
    """A feature list in TOML: `features = ["a", "b"]`, or `[[feature]]` with name, owner, source, tags, purposes, proposed.

    Raises ConfigError, with the line, for what cannot be read, unknown keys, wrong types and names given twice.
    """
    top = read_spec(path, root)
    found = [Feature(name, origin=str(top.at("features"))) for name in top.texts("features")]
    found += [_feature(section) for section in top.tables("feature")]
    top.done()
    seen: set[str] = set()
    for feature in found:
        if feature.name in seen:
            raise ConfigError(f'the feature "{feature.name}" is listed twice', where=feature.origin, hint="keep one")
        seen.add(feature.name)
    return FeatureList(tuple(found))


def _feature(section: Section) -> Feature:
    tags, purposes = section.table("tags"), section.texts("purposes")
    feature = Feature(
        name=section.needed("name", "the column that holds it"),
        owner=section.text("owner"),
        source=section.text("source"),
        purposes=purposes if "purposes" in section else None,
        proposed=section.day("proposed"),
        origin=str(section.at()),
    )
    section.done()
    return feature if tags is None else replace(feature, tags=_tags(tags))


def _tags(section: Section) -> dict[str, str]:
    return {name: section.needed(name, "the tag's value") for name in section.names}


def enriched(used: Iterable[Feature], *lists: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features used, each with what other lists know of the feature of that name, the first list first."""
    known: list[dict[str, Feature]] = []
    for features in lists:
        by_name: dict[str, Feature] = {}
        for feature in features:
            for name in feature.names:
                by_name.setdefault(name, feature)
        known.append(by_name)
    merged = []
    for feature in used:
        for by_name in known:
            other = by_name.get(feature.name)
            if other is not None:
                feature = _joined(feature, other)
        merged.append(feature)
    return tuple(merged)


def _joined(one: Feature, other: Feature) -> Feature:
    return replace(
        one,
        view=one.view or other.view,
        owner=one.owner or other.owner,
        source=one.source or other.source,
        tags={**other.tags, **one.tags},
        purposes=other.purposes if one.purposes is None else one.purposes,
        proposed=one.proposed or other.proposed,
    )
