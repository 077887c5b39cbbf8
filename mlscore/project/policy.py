"""The gate's policy from the configuration: a profile's rules, replaced by what the project wrote itself."""

from __future__ import annotations

from fractions import Fraction

from mlscore.core.evidence import Location
from mlscore.core.points import section_points, show, total_points
from mlscore.core.policy import PROFILES, GatePolicy, MustHave, Threshold
from mlscore.core.rubric import LEVEL_IDS, Rubric
from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.keys import GATE, TOP
from mlscore.project.layers import Given, Layers
from mlscore.project.statements import known_item
from mlscore.project.values import Where, choice, misfit, nearest, points, subject
from mlscore.project.values import show as shown

# Profiles are written for the scale of the paper, 0 to 7.
_PROFILE_MAXIMUM = 7
_LEVELS = LEVEL_IDS[1:]


def read_policy(layers: Layers, rubric: Rubric) -> GatePolicy:
    """The policy without its baseline. Raises ConfigError for what no score of the rubric can meet.

    A profile's threshold is scaled to the rubric's maximum, and its items that the rubric does not have are left out.
    A key that the project gives replaces the profile's whole.
    """
    profile = layers.value(TOP, "profile")
    rules = PROFILES[str(profile)] if profile is not None else GatePolicy()
    origin = f"profile {profile}"
    on = layers.value(GATE, "on")
    partial = layers.value(GATE, "partial")
    strict = layers.value(TOP, "strict")
    least = layers.given(TOP, "fail-under")
    floors = layers.given(GATE, "floors")
    must_have = layers.given(GATE, "must-have")
    if least is None and rules.fail_under is not None:
        layers.origins["fail-under"] = origin
    if must_have is None and rules.must_have:
        layers.origins["gate.must-have"] = origin
    return GatePolicy(
        on=str(on or rules.on),
        fail_under=_fail_under(least, rubric) if least else _scaled(rules.fail_under, rubric, origin),
        floors=_floors(floors, rubric, layers) if floors else (),
        must_have=_must_haves(must_have, rubric, layers) if must_have else _kept(rules.must_have, rubric, origin),
        partial=str(partial or rules.partial),
        strict=bool(strict),
        profile=None if profile is None else str(profile),
    )


def highest_total(rubric: Rubric) -> Fraction:
    """The total when every item has the most that a level earns."""
    most = _most(rubric)
    return total_points(rubric, lambda _: most)


def highest_in(rubric: Rubric, section: str) -> Fraction:
    """A section's points when every item has the most that a level earns."""
    most = _most(rubric)
    return section_points(rubric, section, lambda _: most)


def _most(rubric: Rubric) -> Fraction:
    return max(level.points for level in rubric.levels)


def _fail_under(given: Given, rubric: Rubric) -> Threshold:
    return Threshold(least_total(given.value, rubric, given.where, loose=given.loose), origin=given.origin)


def least_total(value: object, rubric: Rubric, where: Where, *, loose: bool = False) -> Fraction:
    """A value of `fail-under`, exact; a text when `loose`.

    Raises ConfigError for what is no number, and for what no score can reach.
    """
    return _within("fail-under", value, highest_total(rubric), rubric, where, loose=loose)


def _within(
    name: str, value: object, highest: Fraction, rubric: Rubric, where: Where, *, loose: bool = False
) -> Fraction:
    least = points(name, value, where, loose=loose)
    if least > highest:
        raise ConfigError(
            f"{subject(name, where)}is {show(least)}, "
            f'but {show(highest)} is the most that the rubric "{rubric.id}" gives',
            where=where,
            hint=f"write a number from 0 to {show(highest)}",
        )
    return least


def _scaled(threshold: Threshold | None, rubric: Rubric, origin: str) -> Threshold | None:
    if threshold is None:
        return None
    return Threshold(threshold.least * highest_total(rubric) / _PROFILE_MAXIMUM, origin=origin)


def _kept(must_have: tuple[MustHave, ...], rubric: Rubric, origin: str) -> tuple[MustHave, ...]:
    known = {item.id for item in rubric.items}
    return tuple(MustHave(m.item, m.level, origin) for m in must_have if m.item in known)


def _floors(given: Given, rubric: Rubric, layers: Layers) -> tuple[Threshold, ...]:
    if not isinstance(given.value, dict):
        raise misfit("floors", "a table of sections", given.value, given.where, hint="write floors = {data = 3}")
    known = [section.id for section in rubric.sections]
    floors = []
    for section, least in given.value.items():
        where = _place(layers, given, "floors", section)
        if section not in known:
            raise ConfigError(
                f'the rubric "{rubric.id}" has no section {shown(section)}',
                where=where,
                hint=nearest(section, known) or f"its sections are {', '.join(known)}",
            )
        exact = _within(f"floors.{section}", least, highest_in(rubric, section), rubric, where)
        floors.append(Threshold(exact, section, str(where)))
    return tuple(floors)


def _must_haves(given: Given, rubric: Rubric, layers: Layers) -> tuple[MustHave, ...]:
    if not isinstance(given.value, list):
        raise misfit("must-have", "a list of items", given.value, given.where, hint='write must-have = ["data-1"]')
    found: dict[str, MustHave] = {}
    for number, entry in enumerate(given.value):
        where = _place(layers, given, "must-have", number)
        must = _must_have(entry, rubric, where)
        if must.item in found:
            raise ConfigError(f'"must-have" names {must.item} twice', where=where, hint="keep one of them")
        found[must.item] = must
    return tuple(found.values())


def _must_have(entry: object, rubric: Rubric, where: Where) -> MustHave:
    if isinstance(entry, str):
        return MustHave(known_item(entry, rubric, where), origin=str(where))
    example = '"data-1", or {item = "data-1", level = "automated"}'
    if not isinstance(entry, dict):
        raise misfit("must-have", "a list of items", entry, where, hint=f"write each as {example}")
    for name in entry:
        if name not in ("item", "level"):
            near = did_you_mean(name, ("item", "level"))
            raise ConfigError(f'unknown key "{name}" in "must-have"', where=where, hint=near or f"write {example}")
    if "item" not in entry:
        raise ConfigError('an entry of "must-have" has no "item"', where=where, hint=f"write {example}")
    level = choice("level", entry.get("level", _LEVELS[0]), _LEVELS, where)
    return MustHave(known_item(entry["item"], rubric, where), level, str(where))


def _place(layers: Layers, given: Given, name: str, inner: str | int) -> Where:
    """Where a value inside a table or list stands."""
    if given.in_file and layers.document is not None:
        found: Location = layers.document.at(GATE, name, inner)
        return found
    return given.where
