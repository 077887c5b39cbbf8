"""Features against a policy: which rule each breaks, with the figure where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mlscore.checks.policy.associate import Association, Measure
from mlscore.checks.policy.features import Feature
from mlscore.checks.policy.proxies import SAMPLE, find_proxies
from mlscore.checks.policy.rules import Banned, Deprecated, Policy, Restricted

if TYPE_CHECKING:
    from mlscore.tables.table import Table


@dataclass(frozen=True, slots=True)
class Violation:
    """A feature that breaks a rule; `figure` is the association's lower bound where the rule is about proxies."""

    feature: str
    rule: str
    message: str
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What came of it. `notes` change nothing: what will be deprecated, exceptions in use or past their day.

    `associations` are all that were measured, the strongest first; `rows` is the size of their sample.
    """

    features: tuple[Feature, ...]
    rules: int
    violations: tuple[Violation, ...]
    notes: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    associations: tuple[Association, ...] = ()
    rows: int = 0

    @property
    def passed(self) -> bool:
        """Whether no feature breaks a rule."""
        return not self.violations

    @property
    def hollow(self) -> str | None:
        """Why it could not have failed; None when it could."""
        if not self.rules:
            return "the policy bans nothing and requires nothing"
        return None if self.features else "there is no feature to judge"


def check_features(
    features: Sequence[Feature],
    policy: Policy,
    *,
    today: date,
    table: Table | None = None,
    purpose: str | None = None,
    sample: int = SAMPLE,
    seed: int = 0,
) -> PolicyResult:
    """Hold features against a policy; with a table, look for proxies of the protected attributes in it.

    `purpose` is what the model is for: features restricted to purposes need it. Raises InputError when the table cannot
    be read.
    """
    broken: list[Violation] = []
    notes: list[str] = []
    unknown: list[str] = []
    for feature in features:
        broken += _by_name(feature, policy, purpose)
        for old in policy.deprecated:
            if old.match.fits(feature):
                instead = f'use "{old.replacement}" instead'
                if today >= old.on:
                    broken.append(Violation(feature.name, "deprecated", f"deprecated since {old.on}; {instead}"))
                else:
                    notes.append(f"{feature.name}: deprecated from {old.on} on; {instead}")
        unknown += _by_facts(feature, policy)
    found: tuple[Association, ...] = ()
    rows = 0
    if policy.protected and table is not None:
        proxies = find_proxies(table, features, policy.protected, sample=sample, seed=seed)
        found, rows = proxies.associations, proxies.rows
        unknown += proxies.not_judged
        broken += [
            Violation(one.feature, "proxy", f"tells {one.attribute}: {told(one)}", one.at_least)
            for one in found
            if one.at_least > policy.threshold
        ]
        unknown += [
            f"{one.feature} as a proxy of {one.attribute}: {told(one)}, too few rows to say"
            for one in found
            if one.effect > policy.threshold >= one.at_least
        ]
    elif policy.protected:
        unknown.append(f"proxies of {', '.join(policy.protected)}: no table is given")
    kept, said = _excepted(broken, policy, today)
    order = {rule: place for place, rule in enumerate(("banned", "protected", "deprecated", "purpose", "proxy"))}
    kept.sort(key=lambda one: (order.get(one.rule, len(order)), -(one.figure or 0), one.feature))
    return PolicyResult(
        tuple(features), policy.rules, tuple(kept), (*said, *notes), tuple(dict.fromkeys(unknown)), found, rows
    )


def told(one: Association) -> str:
    """An association in words: `AUC 0.91, effect 0.82, at least 0.80 (1,000 rows)`."""
    auc = "" if one.auc is None else f" {one.auc:.2f}"
    effect = f"{auc}, effect" if one.measure is Measure.AUC else ""
    return f"{one.measure.value}{effect} {one.effect:.2f}, at least {one.at_least:.2f} ({one.rows:,} rows)"


def _by_name(feature: Feature, policy: Policy, purpose: str | None) -> Iterable[Violation]:
    name = feature.name
    for ban in policy.banned:
        if ban.match.fits(feature):
            why = "" if ban.match.source is None else f' (source "{feature.source}")'
            yield Violation(name, "banned", f"banned{why}: {ban.reason}")
    for attribute in policy.protected:
        if attribute.casefold() in (one.casefold() for one in feature.names):
            yield Violation(name, "protected", "a protected attribute is a feature itself")
    for fact in policy.required:
        if not getattr(feature, fact):
            yield Violation(name, "required", f"no {fact} is stated")
    allowed = [limit.purposes for limit in policy.restricted if limit.match.fits(feature)]
    if feature.purposes is not None:
        allowed.append(feature.purposes)
    for purposes in allowed:
        if purpose is None or purpose not in purposes:
            only = ", ".join(purposes) or "no purpose"
            mine = "the model's is not stated" if purpose is None else f"not for {purpose}"
            yield Violation(name, "purpose", f"allowed for {only}; {mine}")


def _by_facts(feature: Feature, policy: Policy) -> Iterable[str]:
    """Rules that go by a source, for a feature of which none is known."""
    rules: tuple[Banned | Deprecated | Restricted, ...] = (*policy.banned, *policy.deprecated, *policy.restricted)
    matches = [rule.match for rule in rules]
    if feature.source is None and "source" not in policy.required and any(match.source for match in matches):
        yield f"{feature.name}: its source is not stated, so rules on sources do not see it"


def _excepted(broken: Sequence[Violation], policy: Policy, today: date) -> tuple[list[Violation], list[str]]:
    """The violations that no exception covers, and what is to be said of exceptions."""
    kept, notes = list(broken), []
    for one in policy.exceptions:
        mine = [v for v in broken if (v.feature, v.rule) == (one.feature, one.rule)]
        who = f"granted by {one.owner}: {one.reason}"
        if not mine:
            notes.append(f"{one.feature}: the exception from {one.rule} is not needed; remove it ({one.location})")
        elif one.expires < today:
            notes.append(f"{one.feature}: the exception from {one.rule} has expired on {one.expires} ({who})")
        else:
            kept = [v for v in kept if v not in mine]
            notes.append(f"{one.feature}: {one.rule}, excepted until {one.expires} ({who})")
    return kept, notes
